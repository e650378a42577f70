package statefile

import "bytes"

// whiteSpace is what JSON takes for white space.
const whiteSpace = " \t\r\n"

var bom = []byte("\xef\xbb\xbf")

// sniff recognizes by its first bytes what is no JSON text at all.
func sniff(name string, data []byte) error {
	fault := func(kind FormatKind, problem, hint string) error {
		return &FormatError{Kind: kind, Name: name, Problem: problem, Hint: hint}
	}
	text := bytes.TrimPrefix(data, bom)
	start := bytes.TrimLeft(text, whiteSpace)
	switch {
	case len(data) == 0:
		return fault(KindEmpty, "the file is empty",
			"Terraform takes an empty state for one with no resources and would create everything again. "+
				"If there were resources, restore a backup before the next plan; if there never were any, there is nothing to do.")
	case len(start) == 0:
		return fault(KindBlank, "the file holds white space only",
			"If there were resources, restore a backup; if there never were any, remove the file.")
	case data[0] == 0 && len(bytes.Trim(data, "\x00")) == 0:
		return fault(KindZeros, "the file holds zero bytes only",
			"A crash of the system while the file was being written leaves this. Restore a backup.")
	case hasPrefix(data, "\xff\xfe", "\xfe\xff", "\x00\x00\xfe\xff", "{\x00", "\x00{"):
		return fault(KindUTF16, "the text is UTF-16 or UTF-32",
			"Terraform reads UTF-8 only. PowerShell writes UTF-16 when output is redirected with >: "+
				"convert the file to UTF-8 or pull the state again with cmd or a shell that keeps bytes.")
	case hasPrefix(data, "\x1f\x8b"):
		return fault(KindGzip, "the file is compressed by gzip", "Unpack it with gunzip first.")
	case hasPrefix(data, "PK\x03\x04"):
		return fault(KindPlan, "the file is a zip archive, most likely a saved plan",
			"A plan can't be edited: give the state file, and make a new plan afterwards.")
	case hasPrefix(data, "tfstate", "tfplan"):
		return fault(KindBinary, "the file is a binary state or plan of Terraform before 0.6 or 0.12",
			"A binary state has to be rewritten by the old Terraform that made it, up to 0.11, and then by 0.12 or newer; a plan has to be made anew.")
	case hasPrefix(data, markerText):
		return fault(KindInterrupted, "a write by herokutf was interrupted, and left old and new mixed",
			"Recover the state: whole copies of the old and the new one are beside it.")
	case hasPrefix(start, "<<<<<<< "):
		return conflict(name, data)
	case start[0] == '<':
		return fault(KindHTML, "the file is HTML or XML",
			"A login page or an error of the server that keeps the state may have been saved in its place: fetch the state again with terraform state pull.")
	}
	return nil
}

func hasPrefix(data []byte, prefixes ...string) bool {
	for _, prefix := range prefixes {
		if bytes.HasPrefix(data, []byte(prefix)) {
			return true
		}
	}
	return false
}

// conflict returns the error about merge-conflict markers if data has some, and
// nil otherwise. Only text that is no JSON is looked at: a JSON string never
// starts a line.
func conflict(name string, data []byte) error {
	for line, number := bytes.TrimPrefix(data, bom), 1; ; number++ {
		if hasPrefix(line, "<<<<<<< ", ">>>>>>> ", "||||||| ") {
			return &FormatError{Kind: KindConflict, Name: name, Line: number, Col: 1,
				Problem: "merge-conflict marker",
				Hint: "Two versions of the state were merged as text. Don't resolve it by hand: take one whole version, " +
					"the one with the higher serial that matches what exists, and let terraform plan show the rest."}
		}
		end := bytes.IndexByte(line, '\n')
		if end < 0 {
			return nil
		}
		line = line[end+1:]
	}
}

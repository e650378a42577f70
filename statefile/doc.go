// Package statefile reads and edits Terraform's state files. No byte changes that
// no edit asks for.
//
// It knows the format of the file, and nothing about providers. State versions 3 (Terraform
// 0.7 to 0.11) and 4 (Terraform 0.12 and newer, OpenTofu) are read in full,
// with attributes as JSON and as the flat strings of older versions.
//
// # Reading
//
// [Parse] checks the whole text once and notes where each instance stands. It
// keeps the bytes it was given and copies none of them; attributes are walked
// when somebody asks:
//
//	f, err := statefile.Parse("terraform.tfstate", data)
//	for instance := range f.Instances() {
//		for path, value := range instance.Scalars() {
//			fmt.Println(instance.Address(), path, value.Kind())
//		}
//	}
//
// For what looks like a state and isn't one (an empty file, a backend record, an
// encrypted state, the output of terraform show, a plan, a file with merge
// conflicts and more) Parse returns a [FormatError] that says what it is, with
// advice in its Hint; for text that isn't JSON, a [SyntaxError] with line and
// column.
//
// [File.Instance] finds an instance by its address. Files and edits print and log
// themselves without a byte of the state, which is full of secrets.
//
// # Editing
//
// An [Edit] names a span of the file and what shall stand there instead.
// [File.Apply] splices all edits at once, raises the serial by one and proves
// the outcome: it compares all bytes outside the edits, parses the new text of each
// instance that is edited, or all of it, walks both versions side by side there, and
// holds what differs against what was asked for. Number text, key order,
// unknown fields, duplicate names, indentation, line endings, a byte order mark
// and a missing last newline stay as they are, since nothing outside an edit is
// ever written anew.
//
// [InsertInstance] brings something new into a state of version 4, at the place
// where Terraform sorts it, and [RemoveInstance] takes it out again; [New] is the
// state of a configuration that nothing was applied from.
//
// # Writing
//
// [Update] does all of it on a file: it takes the lock that Terraform and
// OpenTofu respect, reads the state, calls the edit, makes a backup, writes the
// state in place and checks it:
//
//	result, err := statefile.Update(ctx, "terraform.tfstate", statefile.UpdateOptions{},
//		func(f *statefile.File) (*statefile.File, error) {
//			return f.Apply(edits(f)...)
//		})
//
// [Undo] goes back to a backup by the same way, so that it can be undone. When a
// write fails the old content is put back. When the process is killed, [Pending]
// reports it, every further write is refused, and [Recover] makes the state whole:
// the old one or the new one, byte for byte.
//
// # Duplicate names
//
// JSON lets an object hold a name twice, and hand-edited states do. Terraform
// takes the last one and matches its own field names in any case of letters;
// this package follows it. Inside attributes every duplicate is visited, so
// that an edit can change all of them.
//
// # Limits
//
// A file above [MaxSize] is refused, and so are nesting deeper than 10,000
// levels, invalid UTF-8 and escapes of half a surrogate pair. A [File] is never
// changed after Parse, and may be used by several goroutines at once.
package statefile

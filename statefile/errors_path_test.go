package statefile

import (
	"errors"
	"strings"
	"testing"
)

// TestErrorsQuotePaths: a path of Windows can be copied from a message.
func TestErrorsQuotePaths(t *testing.T) {
	const path, other = `C:\Users\ann\terraform.tfstate`, `D:\backups\b.tfstate`
	j := &journal{}
	for name, tt := range map[string]struct {
		text string
		want []string
	}{
		"locked":      {(&LockedError{Path: path}).Error(), []string{path}},
		"file":        {(&FileError{Path: path, Err: ErrReadOnly}).Error(), []string{path}},
		"lineage":     {(&LineageError{Path: path, Lineage: "a", Other: other, OtherLin: "b"}).Error(), []string{path, other}},
		"its edit":    {(&LineageError{Path: path, Lineage: "a", OtherLin: "b"}).Error(), []string{path}},
		"interrupted": {(&InterruptedError{Interrupted: Interrupted{Path: path}}).Error(), []string{path}},
		"write":       {(&WriteError{Path: path, Err: ErrChanged}).Error(), []string{path}},
		"journal":     {journalError(path, ErrChanged).Error(), []string{path, path + journalSuffix}},
		"undecided":   {hintOf(t, undecided(path, j, Damaged)), []string{path}},
	} {
		for _, want := range tt.want {
			if !strings.Contains(tt.text, `"`+want+`"`) {
				t.Errorf("%s: got %s, want %s in it", name, tt.text, want)
			}
		}
		if strings.Contains(tt.text, `\\`) {
			t.Errorf("%s: got %s, with a doubled backslash", name, tt.text)
		}
	}
}

func hintOf(t *testing.T, err error) string {
	t.Helper()
	e, ok := errors.AsType[*InterruptedError](err)
	if !ok {
		t.Fatalf("got %v", err)
	}
	return e.Hint
}

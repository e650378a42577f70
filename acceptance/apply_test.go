package acceptance

import (
	"testing"
)

// TestApply: what was applied is what Heroku has, as far as Terraform can see,
// and every type that both know is in it.
func TestApply(t *testing.T) {
	each(t, []string{v4, v5}, func(t *testing.T, s *setting) {
		w := s.open(t, s.version, true)
		w.noChanges(t, "right after apply")
		t.Log(types(w.state(t)))
	})
}

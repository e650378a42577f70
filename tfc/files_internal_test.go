package tfc

import (
	"path/filepath"
	"testing"
)

// TestFiles: where Terraform keeps its settings, by the system.
func TestFiles(t *testing.T) {
	environ := map[string]string{"HOME": "home", "APPDATA": "appdata"}
	for goos, want := range map[string][2]string{
		"linux":   {filepath.Join("home", ".terraformrc"), filepath.Join("home", ".terraform.d", "credentials.tfrc.json")},
		"darwin":  {filepath.Join("home", ".terraformrc"), filepath.Join("home", ".terraform.d", "credentials.tfrc.json")},
		"windows": {filepath.Join("appdata", "terraform.rc"), filepath.Join("appdata", "terraform.d", "credentials.tfrc.json")},
	} {
		config, logins := files(goos, func(name string) string { return environ[name] })
		if got := [2]string{config, logins}; got != want {
			t.Errorf("%s: got %q, want %q", goos, got, want)
		}
		if config, logins := files(goos, func(string) string { return "" }); config != "" || logins != "" {
			t.Errorf("%s: without a home: got %q, %q", goos, config, logins)
		}
	}
}

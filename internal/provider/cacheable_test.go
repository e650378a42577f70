package provider

import (
	"regexp"
	"testing"
)

func TestCacheable(t *testing.T) {
	// Every list of the table, with and without a path of the API's address.
	step := regexp.MustCompile(`{\w+}`)
	secret := 0
	for l := NoList + 1; l < lists; l++ {
		s := l.Source()
		if s.Secret {
			secret++
		}
		for _, base := range []string{"", "/some/where"} {
			path := base + step.ReplaceAllString(s.Path, "01234567-89ab-cdef-0123-456789abcdef")
			if got := Cacheable(path); got == s.Secret {
				t.Errorf("%s: got %v; the table says secret: %v", path, got, s.Secret)
			}
		}
	}
	if secret < 10 {
		t.Errorf("only %d secret lists", secret)
	}
	for _, path := range []string{
		"", "/", "apps", "/apps/", "/apps/shop", "/apps//formation", "/apps/../formation", "/apps/./formation", "/apps/shop/formation/web",
		"/apps/shop/addons", "/apps/shop/addon-attachments", "/apps/shop/config-vars", "/apps/apps/config-vars",
		"/apps/shop/pipeline-couplings", "/addons/db", "/addons/db/config", "/oauth/authorizations", "/account",
		"/account/rate-limits", "/users/~/apps", "/apps/shop%2Fformation", "/teams/t/addons",
	} {
		switch got := Cacheable(path); {
		case path == "/users/~/apps":
			// Nothing distinguishes "users/~" from a path of the API's address. It is
			// a list of apps either way.
			if !got {
				t.Errorf("%s: got false", path)
			}
		case got:
			t.Errorf("%s: got true", path)
		}
	}
}

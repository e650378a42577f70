package provider

import "strings"

// IsHeroku reports whether a provider reference as state files spell it means
// the Heroku provider, or a fork or mirror of it:
//
//   - heroku, heroku.eu (old version 3 states, of resources that name their
//     provider)
//   - provider.heroku, provider.heroku.eu (Terraform up to 0.12)
//   - provider["registry.terraform.io/heroku/heroku"], with any host and
//     namespace, and an alias behind it (Terraform 0.13 and newer)
//   - both with the module's address before them
//   - provider["..."].by_app["blue"] (OpenTofu 1.9 and newer)
//   - "" (old version 3 states); then the resource's type decides, by its
//     prefix, as Terraform then does.
//
// A provider of another type, such as herokux, is another provider.
func IsHeroku(address, resourceType string) bool {
	if address == "" {
		return strings.HasPrefix(resourceType, "heroku_") || resourceType == "heroku"
	}
	if local, _, _ := strings.Cut(address, "."); local == "heroku" {
		return true
	}
	rest, _ := cutModules(address)
	rest, ok := strings.CutPrefix(rest, "provider")
	if !ok {
		return false
	}
	if typ, ok := strings.CutPrefix(rest, "."); ok {
		typ, _, _ = strings.Cut(typ, ".")
		return typ == "heroku"
	}
	source, ok := strings.CutPrefix(rest, `["`)
	if !ok {
		return false
	}
	source, _, ok = strings.Cut(source, `"]`)
	return ok && source[strings.LastIndexByte(source, '/')+1:] == "heroku"
}

// IsLegacy reports whether a reference to the Heroku provider doesn't say from
// where it comes, as Terraform 0.13 and newer want to know: those of Terraform up
// to 0.12, and what 0.13 makes of them, provider["registry.terraform.io/-/heroku"].
// Terraform plans nothing with such a state ("terraform state replace-provider"
// mends it).
func IsLegacy(address string) bool {
	rest, ok := cutModules(address)
	if !ok {
		return false
	}
	source, ok := strings.CutPrefix(rest, `provider["`)
	return !ok || strings.Contains(source, `/-/`)
}

// cutModules cuts the module's address that a reference may begin with.
func cutModules(address string) (rest string, ok bool) {
	rest = address
	for {
		after, ok := strings.CutPrefix(rest, "module.")
		if !ok {
			return rest, true
		}
		if rest, ok = cutModule(after); !ok {
			return "", false
		}
	}
}

// cutModule cuts a module's name, its key in brackets if it has one, and the
// dot after it. A quoted key may hold dots and brackets.
func cutModule(s string) (rest string, ok bool) {
	i := strings.IndexAny(s, ".[")
	if i < 0 {
		return "", false
	}
	if s[i] == '.' {
		return s[i+1:], true
	}
	s = s[i+1:]
	if quoted, ok := strings.CutPrefix(s, `"`); ok {
		for j := 0; j < len(quoted); j++ {
			if quoted[j] == '\\' {
				j++
			} else if quoted[j] == '"' {
				return strings.CutPrefix(quoted[j+1:], "].")
			}
		}
		return "", false
	}
	_, rest, ok = strings.Cut(s, "].")
	return rest, ok
}

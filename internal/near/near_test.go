package near

import (
	"slices"
	"testing"
)

func TestNames(t *testing.T) {
	for _, tt := range []struct {
		name, in string
		known    []string
		want     []string
	}{
		{"nothing is known", "shop", nil, nil},
		{"nothing was asked", "", []string{"shop"}, nil},
		{"nothing is near", "shop", []string{"api", "billing", "web-production"}, nil},
		{"a typing error", "shpo-production", []string{"api-production", "shop-production", "shop-staging"}, []string{"shop-production", "api-production"}},
		{"the nearest first, equals by name", "shop-2", []string{"shop-4", "shop", "shop-3", "shop-2-eu"}, []string{"shop-3", "shop-4", "shop"}},
		{"three at the most", "shop-1", []string{"shop-5", "shop-4", "shop-3", "shop-2"}, []string{"shop-2", "shop-3", "shop-4"}},
		{"a part of the other", "shop", []string{"acme-shop-production"}, []string{"acme-shop-production"}},
		{"the other is a part of it", "acme-shop-production", []string{"shop"}, []string{"shop"}},
		{"too short a part", "api", []string{"acme-api-production"}, nil},
		{"a third of the letters, no more", "ab", []string{"abc", "abcd", "cb", "b"}, []string{"abc"}},
		{"four letters are a part", "rest", []string{"forest-of-redwoods"}, []string{"forest-of-redwoods"}},
		{"nothing is near to nothing", "", []string{"", "a", "shop"}, nil},
		{"itself and doubles", "shop", []string{"shop", "shops", "shops", ""}, []string{"shops"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			known := slices.Clone(tt.known)
			if got := Names(tt.in, tt.known); !slices.Equal(got, tt.want) || (got == nil) != (tt.want == nil) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
			if !slices.Equal(known, tt.known) {
				t.Errorf("known became %q", tt.known)
			}
		})
	}
}

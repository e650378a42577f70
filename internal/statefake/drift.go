package statefake

import (
	"github.com/herokutf/herokutf/herokutest"
	"github.com/herokutf/herokutf/internal/stategen"
	"github.com/herokutf/herokutf/statefile"
)

// Drift returns the state that [stategen.Drift] makes of so many apps, and what
// Heroku holds when nothing has drifted from it. For 1,000 apps that takes about
// half a second of one processor.
func Drift(apps int) (*statefile.File, herokutest.Seed, error) {
	f, err := statefile.Parse("drift", stategen.Drift(apps))
	if err != nil {
		return nil, herokutest.Seed{}, err
	}
	seed, err := Seed(f)
	return f, seed, err
}

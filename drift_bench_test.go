package herokutf_test

import (
	"fmt"
	"runtime"
	"runtime/metrics"
	"testing"
	"testing/synctest"
	"time"

	"github.com/herokutf/herokutf"
	"github.com/herokutf/herokutf/herokutest"
	"github.com/herokutf/herokutf/internal/stategen"
	"github.com/herokutf/herokutf/platform"
	"github.com/herokutf/herokutf/statefile"
)

// manyApps is a state of many apps with thirteen instances each, in sync with a
// Heroku that answers after a while and has budget enough.
func manyApps(t testing.TB, apps int, latency time.Duration) (*statefile.File, *herokutest.Server, *platform.Client) {
	t.Helper()
	f := parseState(t, "drift", stategen.Drift(apps))
	s, err := herokutest.FromState(herokutest.Options{}, f)
	if err != nil {
		t.Fatal(err)
	}
	s.SetRateLimit(1 << 30)
	if latency > 0 {
		s.Inject(herokutest.Fault{Latency: latency, Times: -1})
	}
	c, err := platform.New(platform.Options{Token: "token-of-the-test", Transport: s})
	if err != nil {
		t.Fatal(err)
	}
	return f, s, c
}

// TestDriftRequests: what is asked for grows with the lists an app has, not with
// its objects, and identities take no request an app at all.
func TestDriftRequests(t *testing.T) {
	const apps = 100
	f, s, c := manyApps(t, apps, 0)
	var plan herokutf.DriftProgress
	report, err := herokutf.DetectDrift(t.Context(), c, f, herokutf.DriftOptions{Progress: func(p herokutf.DriftProgress) { plan = p }})
	if err != nil {
		t.Fatal(err)
	}
	if got := report.Count(herokutf.InSync); got != len(report.Objects) {
		t.Errorf("%d of %d objects are in sync", got, len(report.Objects))
	}
	// Seven lists an app, the releases of each of ten pipelines, and apps,
	// add-ons, couplings, pipelines and the team's apps for all.
	if want := 7*apps + apps/10 + 5; report.Requests != want {
		t.Errorf("%d requests, want %d: %v", report.Requests, want, s.Requests())
	}
	if plan.Requests != report.Requests || plan.Apps != apps || plan.Done != apps {
		t.Errorf("planned %d requests for %d apps, and sent %d", plan.Requests, plan.Apps, report.Requests)
	}

	report, err = herokutf.DetectDrift(t.Context(), c, f, herokutf.DriftOptions{Only: []string{"identity"}})
	if err != nil {
		t.Fatal(err)
	}
	if report.Requests > 6 || report.Count(herokutf.InSync) != 4*apps {
		t.Errorf("identity: %d requests and %d objects in sync, want at most 6 and %d", report.Requests, report.Count(herokutf.InSync), 4*apps)
	}
}

// TestDriftRounds: after the lists of the account, as many requests are under way all
// the time as the client lets through, however few lists an app needs. The time is that
// of a synctest bubble, in which only answers take any.
func TestDriftRounds(t *testing.T) {
	const (
		apps    = 150
		latency = 50 * time.Millisecond
		atOnce  = 64
	)
	for _, tt := range []struct {
		name    string
		only    []string
		account int // requests for the lists of the account
	}{
		{"seven lists an app", nil, 5},
		{"one list an app", []string{"formation"}, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f, _, c := manyApps(t, apps, latency)
				begin := time.Now()
				report, err := herokutf.DetectDrift(t.Context(), c, f, herokutf.DriftOptions{Only: tt.only})
				if err != nil {
					t.Fatal(err)
				}
				rounds := 1 + (report.Requests-tt.account+atOnce-1)/atOnce
				if got, want := time.Since(begin), time.Duration(rounds)*latency; report.Requests < apps || got != want {
					t.Errorf("%d requests in %v, want %v", report.Requests, got, want)
				}
			})
		})
	}
}

func BenchmarkDetectDrift(b *testing.B) {
	for _, apps := range []int{10, 100, 1000} {
		b.Run(fmt.Sprintf("apps=%d", apps), func(b *testing.B) {
			f, _, c := manyApps(b, apps, 50*time.Millisecond)
			runtime.GC()
			base := heap()
			peak, stop := make(chan uint64), make(chan struct{})
			go func() {
				highest := base
				for {
					select {
					case <-stop:
						peak <- highest
						return
					case <-time.After(20 * time.Millisecond):
						highest = max(highest, heap())
					}
				}
			}()
			requests := 0
			b.ReportAllocs()
			b.SetBytes(int64(len(f.Bytes())))
			for b.Loop() {
				report, err := herokutf.DetectDrift(b.Context(), c, f, herokutf.DriftOptions{})
				if err != nil {
					b.Fatal(err)
				}
				if report.Drifted() {
					b.Fatal("drift where there is none")
				}
				requests = report.Requests
			}
			close(stop)
			b.ReportMetric(float64(requests)/float64(apps), "requests/app")
			b.ReportMetric(float64(<-peak-base)/1e6, "peak-MB")
		})
	}
}

// heap is how many bytes live and dead objects take.
func heap() uint64 {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}

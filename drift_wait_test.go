package herokutf_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/herokutf/herokutf"
)

func TestDriftWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, apps := range []int{10, 100, 300} {
			f, _, c := manyApps(t, apps, 50*time.Millisecond)
			begin := time.Now()
			report, err := herokutf.DetectDrift(t.Context(), c, f, herokutf.DriftOptions{})
			if err != nil {
				t.Fatal(err)
			}
			t.Log(apps, report.Requests, time.Since(begin), time.Duration(report.Requests)*50*time.Millisecond/64)
		}
	})
}

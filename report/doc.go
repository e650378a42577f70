// Package report writes drift reports: as text for people at a terminal, as JSON
// for programs, as Markdown for a comment on a pull request, as a page of HTML, as SARIF
// for code scanning, as JUnit for CI systems, and as metrics for Prometheus.
// [WriteSlugs] writes what changes when slugs are released, as text, JSON and Markdown.
//
//	drift, err := herokutf.DetectDrift(ctx, client, f, herokutf.DriftOptions{})
//	...
//	err = report.Write(os.Stdout, drift, report.Text, report.Options{Time: time.Now()})
//
// Values from a state and from Heroku can't be taken for markup or for control
// sequences in any format, and secrets are shown as fingerprints.
package report

// Package herokutest is a Heroku Platform API in memory, for tests of tools
// that talk to Heroku.
//
// A [Server] answers the routes that Terraform's Heroku provider and deploy
// tools use, with objects shaped as the API's own JSON schema has them:
//
//	s := herokutest.NewServer()
//	defer s.Close()
//	s.AddApp(herokutest.App{Name: "api-production"})
//	s.AddPipeline(herokutest.Pipeline{Name: "api", Couplings: []herokutest.Coupling{
//		{App: "api-production", Stage: herokutest.Production},
//	}})
//	release := s.Deploy("api-production", "") // with a slug that is made up
//
// Point the tool at [Server.URL] (most read HEROKU_API_URL), with any token.
// A Go program can use the server as an [http.RoundTripper] instead, which
// needs no socket and works inside testing/synctest bubbles:
//
//	s := herokutest.New(herokutest.Options{})
//	client := &http.Client{Transport: s}
//
// # What it holds
//
// Fill it with the Add methods, or from JSON with [Server.Load]; [Seed] shows
// the format, and [Server.Snapshot] returns it. [FromState] makes the Heroku that
// a Terraform state is in sync with. What a test leaves out is filled in. Identifiers are derived from the calls and [Options.Seed], so a
// test that makes the same calls sees the same identifiers.
//
// What happens on Heroku from elsewhere has a method: [Server.Rename],
// [Server.Deploy], [Server.FailRelease], [Server.Rollback],
// [Server.SetConfigVars], [Server.Scale], [Server.DeleteApp], [Server.Deny]
// and more. The tool under test can write too: [Routes] lists all that is
// answered. It is what Terraform's provider and the Heroku CLI ask for: also
// dynos, add-on services and plans, uploads of sources, OAuth, keys, transfers,
// invitations, test runs, and what webhooks hear of.
//
// Any token belongs to the account of [Options.Email]. To test who did
// something, add others with [Server.AddAccount]: what a request makes shows
// whose token it had.
//
// # How it answers
//
// As the Platform API does: lists come in pages of 200 unless a Range header
// asks otherwise, with 206 and Next-Range while there is more; requests need
// the header "Accept: application/vnd.heroku+json; version=3" and a token;
// every answer has RateLimit-Remaining, ETag and Request-Id. An app is known
// by its UUID and its current name, a release that failed or is pending is
// never the current one, a change of config vars makes a release with the
// same slug.
//
// Where Heroku's documents leave open what the live API does, [Policy] has a
// switch.
//
// # What goes wrong
//
// [Server.Inject] makes requests fail: with a status, an HTML page, half a
// body, a reset connection or a delay, once or from the n-th request on. A
// hook changes what the server holds between two requests of one run.
// [Server.SetRateLimit] empties the account's bucket.
//
// [Server.Requests] counts the requests by route, so that a test can check what
// a tool costs.
//
// # Retries without waiting
//
// Tools wait before they repeat a request that failed, and a test needn't. Give a
// client of package platform a short platform.Options.Backoff:
//
//	s.Inject(herokutest.Fault{Status: 503, Times: 2})
//	client, err := platform.New(platform.Options{Token: "any", Transport: s, Backoff: time.Microsecond})
//
// To see how long a tool waits, run it inside a bubble of testing/synctest, with
// the server as its transport: the time there jumps ahead when all wait, the
// rate limit refills as it passes, and the test takes no time:
//
//	synctest.Test(t, func(t *testing.T) {
//		s := herokutest.New(herokutest.Options{})
//		s.Inject(herokutest.Fault{Status: 429, RetryAfter: time.Minute})
//		client, err := platform.New(platform.Options{Token: "any", Transport: s})
//		start := time.Now()
//		...
//		if got := time.Since(start); got < time.Minute {
//			t.Errorf("waited %v, which is less than Heroku asked for", got)
//		}
//	})
//
// Make the server and the client inside the bubble. Sockets don't work there:
// don't call Start.
//
// # Limits
//
// It builds no code and runs no dynos: a build succeeds at once, and so does a
// test run; the dynos of a formation are up. The URL of a slug or a source
// leads to a server that listens, which takes an upload and keeps nothing of
// it. Logs are empty, webhooks are listed as delivered and aren't sent, and no
// add-on is metered. Accounts aren't kept from anything but what Deny hides.
// Invoices and enterprise accounts are missing, and so is If-Match. Errors
// carry Heroku's status and id; their text is like Heroku's, not the same.
//
// Tools in other languages can have it as a process: "herokutf fake".
package herokutest

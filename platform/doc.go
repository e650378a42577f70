// Package platform is a client of the Heroku Platform API. It finds the
// credentials that the Heroku CLI and the Terraform provider use, reads all pages
// of a list, retries requests that failed temporarily, and keeps to the account's
// request budget.
//
// It wraps [github.com/heroku/heroku-go/v5] and knows nothing of what the
// answers are for:
//
//	client, err := platform.FromEnv(os.Getenv, platform.Options{})
//	...
//	apps, err := platform.List[heroku.App](ctx, client, "/apps", "id")
//	...
//	app, err := client.Service().AppInfo(ctx, "api-production")
//
// # Errors
//
// An answer with a status other than 2xx is an [APIError], which matches
// [ErrNotFound], [ErrForbidden] and the like through errors.Is. A request that
// got no answer that can be used is a [RequestError].
//
// [Limits] bound what is read from a server and how long it takes; a bound that is
// reached is a [LimitError]. An API that has
// never answered is [ErrUnreachable], in one error for all requests.
//
// # Secrets
//
// Neither a token nor the value of a config var is ever part of an error or an
// event, and printing, logging or marshalling a [Client] or [Options] leaves the
// token out. [Client.Environ] alone has it, for a child process. What
// [Client.Service] returns holds what Heroku answers.
package platform

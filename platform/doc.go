// Package platform reaches the Heroku Platform API well: with the credentials
// that the Heroku CLI and the Terraform provider use, all pages of a list,
// repetitions of what failed by chance, and the account's request budget kept.
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
// Whatever a server does, there is an end: [Limits] bound what is read and how
// long it takes, and a bound that is reached is a [LimitError]. An API that has
// never answered is [ErrUnreachable], in one error for all requests.
//
// # Secrets
//
// Neither a token nor the value of a config var is ever part of an error or an
// event, and printing, logging or marshalling a [Client] or [Options] leaves the
// token out. The one door is [Client.Environ], for a child process. What [Client.Service] returns holds what Heroku answers.
package platform

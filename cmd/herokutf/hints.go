package main

import (
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"os"
	"regexp"
	"runtime"
	"strings"

	"github.com/herokutf/herokutf"
	"github.com/herokutf/herokutf/cmd/herokutf/internal/ui"
	"github.com/herokutf/herokutf/internal/neterr"
	"github.com/herokutf/herokutf/platform"
	"github.com/herokutf/herokutf/statefile"
	"github.com/herokutf/herokutf/terraform"
)

// advise says what to do about err itself, not about what it wraps, where this
// command knows more than the library: the flag to use, the verb to run, the
// variable to set. "" is no advice.
func (e *env) advise(err error) string {
	switch err := err.(type) {
	case *statefile.LockedError:
		if err.Waited > 0 {
			return "Try again when the other program is done, or wait longer for it with --lock-timeout."
		}
		return "Try again when the other program is done, or wait for it with --lock-timeout 5m."
	case *statefile.FileError:
		switch {
		case errors.Is(err, statefile.ErrNoBackup):
			return e.self("undo", "--list") + " shows which backups are there; name one as " + e.self("undo", "BACKUP") + "."
		case errors.Is(err, os.ErrNotExist):
			return e.stateHint()
		}
	case *statefile.MovedOnError:
		return e.movedOnHint(err)
	case *terraform.UpdateError:
		if moved, ok := errors.AsType[*statefile.MovedOnError](err); ok {
			return e.movedOnHint(moved)
		}
	case *terraform.FolderError:
		return e.folderHint(err)
	case *herokutf.PlanError:
		if err.Err == herokutf.ErrDestroys {
			return e.destroyHint(err)
		}
	case *herokutf.RenameError:
		switch {
		case err.Err == herokutf.ErrAppUnreachable && errors.Is(err, platform.ErrNotFound) && err.IDs == nil:
			return "If the app was renamed, say so: " + e.self("rename", err.Name+"=NEW") + ". If it is deleted, take it out of the state (terraform state rm)."
		case err.Err == herokutf.ErrUnknownAppID:
			return strings.TrimSpace(err.Hint + " The flag for a UUID is --app-id " + err.Name + "=UUID.")
		}
	case *herokutf.SlugError:
		return slugHint(err)
	case *platform.RequestError:
		return e.networkHint(err)
	case *platform.APIError:
		return e.strangerHint(err)
	}
	return ""
}

// stateHint is for a state that isn't there.
func (e *env) stateHint() string {
	return "Name the state with --state FILE, or the folder whose backend keeps it with --chdir DIR."
}

// adviseMissing says what to do about a state that isn't there, if that is what
// err is about.
func (e *env) adviseMissing(err error) error {
	if errors.Is(err, os.ErrNotExist) {
		return ui.Advise(err, e.stateHint())
	}
	return err
}

func (e *env) destroyHint(err *herokutf.PlanError) string {
	renamed := "If the app was renamed on Heroku, repair the state with " + e.self("rename") + " and plan again; if it is meant to go, allow its address with --allow-destroy."
	for _, l := range err.Destructions {
		for _, because := range l.Because {
			if because == "app" || because == "app_id" {
				return renamed
			}
		}
		if l.Action == herokutf.ActionRecreate {
			return renamed
		}
	}
	return "If this is meant, allow each address with --allow-destroy; else look at what changed in the configuration."
}

func slugHint(p *herokutf.SlugError) string {
	switch {
	case errors.Is(p.Err, herokutf.ErrAppsDiffer) && errors.Is(p.Err, herokutf.ErrReleasePending):
		return "Wait until the release phase is over, with --wait 10m, or pick the app that counts with --app " + p.Stage + "=NAME."
	case errors.Is(p.Err, herokutf.ErrAppsDiffer):
		return "Pick the app that counts with --app " + p.Stage + "=NAME, or release the same to all of them."
	case errors.Is(p.Err, herokutf.ErrReleasePending):
		return "Wait until the release phase is over, with --wait 10m."
	case errors.Is(p.Err, herokutf.ErrNoCurrent), errors.Is(p.Err, herokutf.ErrNeverReleased):
		return "Release to the app, or name the stages to resolve with --stage; --keep-going passes over it."
	case errors.Is(p.Err, herokutf.ErrContainerImage):
		return "What isn't built into a slug or an OCI image can't be released with heroku_app_release: leave the stage out, by naming the others with --stage."
	case errors.Is(p.Err, herokutf.ErrNoApps):
		return "Add apps to the pipeline, or name the stages to resolve with --stage."
	}
	return ""
}

// strangerHint says what to look at when an answer is none of Heroku's; "" if it
// is one.
func (e *env) strangerHint(err *platform.APIError) string {
	if err.ID != "" || err.Message != http.StatusText(err.Status) || err.Status >= 500 {
		return ""
	}
	if errors.Is(err, platform.ErrRedirect) && e.Getenv("HEROKU_API_URL") != "" {
		return ""
	}
	api, proxy := e.route()
	return strings.TrimSpace(ui.Sentence(err.Hint) + " The answer isn't in Heroku's form, though: a proxy or a sign-in page may stand before " + api + "; " + proxy + ".")
}

// route names the API and the proxy that requests go through.
func (e *env) route() (api, proxy string) {
	api, proxy = "api.heroku.com", "no proxy is set in HTTPS_PROXY"
	if e.Getenv("HEROKU_API_URL") != "" {
		api = "the address in HEROKU_API_URL"
	}
	if e.Getenv("HTTPS_PROXY") != "" || e.Getenv("https_proxy") != "" {
		proxy = "requests go through the proxy in HTTPS_PROXY"
	}
	return api, proxy
}

// networkHint says what to look at when no answer came that can be used.
func (e *env) networkHint(err *platform.RequestError) string {
	api, proxy := e.route()
	text := strings.ToLower(err.Error())
	var operation *net.OpError
	isOperation := errors.As(err, &operation)
	var name *net.DNSError
	var authority x509.UnknownAuthorityError
	var host x509.HostnameError
	switch {
	case isOperation && operation.Op == "proxyconnect":
		return "The proxy in HTTPS_PROXY can't be reached. Check the variable, or list the host in NO_PROXY."
	case strings.Contains(text, "proxy authentication required"):
		return "The proxy in HTTPS_PROXY wants a user and a password: http://USER:PASSWORD@HOST:PORT."
	case errors.Is(err, platform.ErrBadAnswer) && strings.Contains(text, "html"):
		return "A web page came in the place of JSON: a proxy or a sign-in page stands before " + api + "; " + proxy + "."
	case errors.As(err, &authority):
		return "The certificate is signed by nobody whom this machine trusts, as that of a proxy which reads along: add its CA to the system's, or name a file with all CAs in SSL_CERT_FILE."
	case errors.As(err, &host):
		return "The certificate is for another host: something else answers for " + api + "."
	case errors.As(err, &name):
		return "The name can't be looked up: check the network's name server, and HEROKU_API_URL if it is set."
	case neterr.Refused(err):
		return "Nothing listens at " + api + ": check it, and the network; " + proxy + "."
	case strings.Contains(text, "no complete answer within"):
		return "The connection stands, but no answer comes: check the network, and https://status.heroku.com; " + proxy + "."
	}
	return ""
}

// shellQuote spells a word, such as a path, for a command line that is to be copied.
func shellQuote(s string) string { return quoteFor(runtime.GOOS, s) }

// quoteFor is shellQuote for the shells of a system: those of Unix, or cmd and PowerShell.
func quoteFor(goos, s string) string {
	plain := "./_-+:@%,"
	if goos == "windows" {
		plain = `./_-+:\`
	}
	if s != "" && !strings.ContainsFunc(s, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune(plain, r))
	}) {
		return s
	}
	if goos != "windows" {
		return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
	}
	// Double quotes are the only ones that both know. Within them, PowerShell replaces
	// what follows a $ or a backtick, and cmd has no use for either.
	if strings.ContainsAny(s, "$`") && !strings.Contains(s, `"`) {
		return "'" + strings.ReplaceAll(s, "'", "''") + "'"
	}
	// A program reads a quote with a backslash before it as a quote, and backslashes as
	// they are unless a quote follows.
	s = trailingBackslashes.ReplaceAllString(s, `$1$1$2`)
	return `"` + strings.ReplaceAll(s, `"`, `\"`) + `"`
}

// trailingBackslashes are those before a quote and at the end.
var trailingBackslashes = regexp.MustCompile(`(\\+)("|$)`)

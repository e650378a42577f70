package herokutf

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/herokutf/herokutf/internal/provider"
	"github.com/herokutf/herokutf/platform"
	"github.com/herokutf/herokutf/statefile"
)

// resolveApps finds the apps of the states on Heroku. account are the lists of the
// whole account that are read.
func resolveApps(ctx context.Context, r *reader, plan listPlanner, inv *inventory, account map[provider.List]bool) error {
	if !account[provider.Apps] {
		return nil
	}
	all := r.list(ctx, provider.Apps, nil)
	if all.err != nil && !refused(all.err) {
		appsUnread(inv.apps, all.err)
		return nil
	}
	var addons *answer
	if account[provider.Addons] {
		addons = r.list(ctx, provider.Addons, nil)
	}
	wanted := slices.DeleteFunc(slices.Clone(inv.apps), func(a *driftApp) bool { return !a.readable() || !plan.wants(a) })
	lost := findApps(wanted, all, addons)
	// What isn't in the list may still be there, or be somebody else's.
	_, errs := each(lost, func(a *driftApp) (struct{}, error) {
		ref := a.id
		if ref == "" {
			ref = a.names[0]
		}
		single := r.each(ctx, provider.Apps, ref)
		if single.err == nil {
			a.found(single.value)
		}
		return struct{}{}, single.err
	})
	for _, err := range errs {
		if err := r.fatal(ctx, err); err != nil {
			return err
		}
	}
	for i, a := range lost {
		if errs[i] != nil {
			a.taken = appNamed(all, a.names...)
		}
	}
	alone := len(inv.apps) > 1 && !seesAny(inv.apps, all)
	for i, a := range lost {
		if errs[i] != nil {
			loseApp(a, errs[i], alone, mentioned(ctx, r, account, a.id))
		}
	}
	inv.mergeApps()
	return nil
}

// appsUnread says of apps that are known by name alone why they can't be found.
// Lists of an app whose UUID is known can be read all the same.
func appsUnread(apps []*driftApp, err error) {
	for _, a := range apps {
		if a.id == "" && a.readable() {
			a.verdict, a.reason = Undetermined, "the list of apps can't be read: "+err.Error()
		}
	}
}

// refused reports whether a list isn't for this token, which may read single elements of
// it all the same.
func refused(err error) bool {
	return errors.Is(err, platform.ErrForbidden) || errors.Is(err, platform.ErrNotFound)
}

// findApps finds apps in the account's list, by UUID, else by name, and returns those
// that aren't there. addons, nil for none, is the account's list of add-ons, which
// may know the UUID of an app of which the states have the name alone.
func findApps(apps []*driftApp, all, addons *answer) (lost []*driftApp) {
	for _, a := range apps {
		if a.id == "" && addons != nil {
			a.id = appOfAddons(a, addons)
		}
		if a.id != "" {
			a.live = all.byID[a.id]
		} else if live := appNamed(all, a.names[0]); live != nil {
			a.found(live)
		}
		if a.live == nil {
			lost = append(lost, a)
		}
	}
	return lost
}

// found takes what Heroku says of the app.
func (a *driftApp) found(live any) {
	a.live, a.byName = live, a.id == ""
	a.id = strings.ToLower(provider.Text(provider.Find(live, "id")))
}

// appOfAddons returns the UUID of the app that the state's add-ons of an app
// belong to, for an app of which the state has the name alone; "" if there are
// none.
func appOfAddons(a *driftApp, addons *answer) string {
	for _, s := range a.subjects {
		if s.object.Type == provider.Addon && s.ref.inst.Mode == statefile.Managed {
			if e := addons.byID[strings.ToLower(provider.Text(s.attrs.Value("id")))]; e != nil {
				if id := provider.Text(provider.Find(e, "app.id")); provider.IsUUID(id) {
					return strings.ToLower(id)
				}
			}
		}
	}
	return ""
}

// appNamed returns the app that bears the first of the names that any app bears; nil
// if none does.
func appNamed(all *answer, names ...string) any {
	for _, name := range names {
		if apps := all.where("name", name); len(apps) > 0 {
			return apps[len(apps)-1]
		}
	}
	return nil
}

// seesAny reports whether Heroku shows any of the apps, or another one under the
// name of one. Those that aren't looked at show as well whose token it is.
func seesAny(apps []*driftApp, all *answer) bool {
	return slices.ContainsFunc(apps, func(a *driftApp) bool {
		return a.live != nil || a.taken != nil || a.id != "" && all.byID[a.id] != nil
	})
}

// loseApp says what an error about an app means for all that belongs to it. alone
// says that no app of the states was seen, mentioned that others name the app as
// one that exists.
func loseApp(a *driftApp, err error, alone, mentioned bool) {
	a.verdict = Undetermined
	switch {
	case errors.Is(err, platform.ErrForbidden):
		a.reason = "no access to the app: " + err.Error()
	case !errors.Is(err, platform.ErrNotFound):
		a.reason = "the app can't be read: " + err.Error()
	case a.id == "":
		a.reason = "no app has that name; the state has no UUID of it, so it may be renamed, deleted, or not visible to this token"
	case alone:
		a.reason = "this token sees none of the apps of the state; it may be another account's"
	case mentioned:
		a.reason = "the app is not visible to this token, but others mention it, so it exists"
	default:
		a.verdict, a.reason = Missing, "the app is deleted, or not visible to this token; the API doesn't say which"
	}
}

// mentioned reports whether a list of the account that was read names the app as
// one that exists.
func mentioned(ctx context.Context, r *reader, account map[provider.List]bool, id string) bool {
	for _, l := range []provider.List{provider.Addons, provider.Attachments, provider.Couplings} {
		if account[l] && r.list(ctx, l, nil).where("app.id", id) != nil {
			return true
		}
	}
	return false
}

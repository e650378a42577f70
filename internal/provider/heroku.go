package provider

import (
	"slices"
	"strings"
)

// IsFir reports whether an app is of the Fir generation, as Heroku says or as the
// state has it: inst, which may be nil, is the app's instance.
func IsFir(app any, inst Values) bool {
	return Text(Find(app, "generation.name")) == "fir" || inst != nil && Text(inst.Value("generation")) == "fir"
}

// HasInstallations reports whether an app has buildpack installations: one that is built
// by Cloud Native Buildpacks, as those of Fir and of the stack cnb are, answers 422.
func HasInstallations(app any, inst Values) bool {
	if IsFir(app, inst) {
		return false
	}
	if app != nil {
		return Text(Find(app, "stack.name")) != "cnb" && Text(Find(app, "build_stack.name")) != "cnb"
	}
	return inst == nil || Text(inst.Value("stack")) != "cnb"
}

// IsOwnAttachment reports whether an attachment is the one that an add-on has been
// made with: Heroku attaches it to the app that pays. Of several among those of
// the app, which all are, it is the oldest; of those of one second, the one with a name
// that Heroku gives, else that with the lowest id.
func IsOwnAttachment(attachment any, all []any) bool {
	owner := Text(Find(attachment, "addon.app.id"))
	if owner == "" || owner != Text(Find(attachment, "app.id")) {
		return false
	}
	addon := Text(Find(attachment, "addon.id"))
	rank := attachmentRank(attachment)
	for _, other := range all {
		if Text(Find(other, "addon.id")) == addon && slices.Compare(attachmentRank(other), rank) < 0 {
			return false
		}
	}
	return true
}

// attachmentRank is lower for the attachment that an add-on has been made with than for
// any other of its app.
func attachmentRank(attachment any) []string {
	name := Text(Find(attachment, "name"))
	addon := strings.ToUpper(strings.ReplaceAll(Text(Find(attachment, "addon.name")), "-", "_"))
	given := "1"
	if name == "DATABASE" || strings.HasPrefix(name, "HEROKU_POSTGRESQL_") || name != "" && strings.HasPrefix(addon, name) {
		given = "0"
	}
	return []string{Text(Find(attachment, "created_at")), given, Text(Find(attachment, "id"))}
}

// AddonByOldName returns the add-on that an instance of heroku_addon is, where that is
// known by a name that no add-on bears any more, as after an import by name: the one of
// the same app, plan and provider_id, if it is the only one; else nil. app is the app's
// UUID.
func AddonByOldName(inst Values, app string, addons []any) any {
	id := Text(inst.Value("id"))
	if id == "" || IsUUID(id) {
		return nil
	}
	was := AddonIdentity{App: app, ProviderID: Text(inst.Value("provider_id")), Plan: Text(inst.Value("plan"))}
	var found any
	for _, e := range addons {
		switch {
		case Text(Find(e, "name")) == id:
			return nil
		case !was.Same(AddonIdentity{App: Text(Find(e, "app.id")), ProviderID: Text(Find(e, "provider_id")), Plan: Text(Find(e, "plan.name"))}):
		case found != nil:
			return nil
		default:
			found = e
		}
	}
	return found
}

// RegionOf returns the UUID of the region that an attribute of an object is compared by
// the name of; "" if there is none, as where the target is a space.
func RegionOf(res *Resource, own any) string {
	for i := range res.Attrs {
		attr := &res.Attrs[i]
		if attr.As == Region && Text(Find(own, strings.TrimSuffix(attr.Path(), "id")+"type")) != "space" {
			return Text(Find(own, attr.Path()))
		}
	}
	return ""
}

// AddonVars returns the names of the config vars that an add-on sets on the app that
// pays.
func AddonVars(addon any) []string {
	var names []string
	if list, ok := Find(addon, "config_vars").([]any); ok {
		for _, name := range list {
			names = append(names, Text(name))
		}
	}
	return names
}

// IsVarOf reports whether an attachment sets the config var on its app: it has the
// attachment's name, or one that begins with it.
func IsVarOf(attachment any, name string) bool {
	prefix := Text(Find(attachment, "name"))
	return prefix != "" && (name == prefix || strings.HasPrefix(name, prefix+"_"))
}

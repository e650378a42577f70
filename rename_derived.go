package herokutf

import (
	"slices"

	"github.com/herokutf/herokutf/internal/provider"
	"github.com/herokutf/herokutf/statefile"
)

const addressLeft = "the app's address can't be computed from its name; the next refresh corrects it"

// renameDerived reports whether the field has been dealt with. The rename is
// nil for an app that none applies to.
func (p *planner) renameDerived(a *appRef, t *renameTask, from provider.Derivation, path statefile.Path, v statefile.Value) bool {
	text := v.Text()
	if t == nil {
		// Another app that has taken, or always had, one of the old names
		// is right to mention it.
		return slices.ContainsFunc(a.names, func(name string) bool { return p.renames.byOld[name] != nil })
	}
	stale := wordSet{t.Old: {}}.in(text)
	want := text
	switch from {
	case provider.GitURL:
		if text != provider.GitURLOf(t.Old) {
			return false
		}
		want = provider.GitURLOf(t.New)
	case provider.WebURL:
		if t.WebURL != "" {
			want = t.WebURL
		}
	case provider.Hostname:
		computed := p.computesHostname(a, t, text)
		web, _ := a.inst.Attr("web_url")
		switch {
		case computed && text == provider.HostnameOf(t.Old):
			want = provider.HostnameOf(t.New)
		case computed:
			return false
		case t.WebURL != "" && (stale || text == provider.HostOf(web.Text())):
			want = provider.HostOf(t.WebURL)
		}
	}
	switch {
	case want != text:
		p.replace(a, path, v, want)
	case stale && t.WebURL == "":
		p.left = append(p.left, placed[Leftover]{v.Offset(), Leftover{a.address, path.Clone(), addressLeft}})
	default:
		return !stale
	}
	return true
}

// computesHostname reports whether the provider that wrote the app's state made
// its hostname from the name (up to v5.2.1) rather than from the web URL.
func (p *planner) computesHostname(a *appRef, t *renameTask, hostname string) bool {
	if a.inst.Mode == statefile.Managed && a.inst.SchemaVersion <= a.res.Names.Current() {
		return true
	}
	for _, since := range []string{"generation", "last_release_id"} { // v5.3.0, v5.2.5
		if _, ok := a.inst.Attr(since); ok {
			return false
		}
	}
	web, _ := a.inst.Attr("web_url")
	if web.IsString() && provider.HostOf(web.Text()) != hostname && hostname == provider.HostnameOf(t.Old) {
		return true
	}
	// An address without an identifier is the same in both. A data source
	// doesn't show its provider's era, its neighbours do.
	return a.inst.Mode == statefile.Data && p.inNameEra()
}

// inNameEra reports whether the managed apps of the state have the shape that
// the provider gave them up to v4.9.0.
func (p *planner) inNameEra() bool {
	if !p.eraDone {
		p.eraDone = true
		for inst := range p.file.Instances() {
			if inst.Mode == statefile.Managed && inst.Type == provider.App {
				if res := lookup(inst); res != nil {
					p.nameEra = inst.SchemaVersion <= res.Names.Current()
					break
				}
			}
		}
	}
	return p.nameEra
}

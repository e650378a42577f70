package herokutf_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/herokutf/herokutf"
	"github.com/herokutf/herokutf/statefile"
	"github.com/herokutf/herokutf/tfconfig"
)

func TestAppRenames(t *testing.T) {
	const (
		idA = "aaaaaaaa-0000-4000-8000-000000000001"
		idB = "bbbbbbbb-0000-4000-8000-000000000002"
	)
	app := func(more, name, id string) string {
		return `{` + more + `"type": "heroku_app", "name": "` + name + `", "provider": "provider[\"registry.terraform.io/heroku/heroku\"]", "instances": [` + id + `]}`
	}
	named := func(name, uuid string) string {
		return `{"schema_version": 0, "attributes": {"id": "` + name + `", "name": "` + name + `", "uuid": "` + uuid + `"}}`
	}
	tests := []struct {
		name      string
		resources string
		renames   []herokutf.Rename
		want      []tfconfig.AppRename
	}{
		{name: "no renames", resources: app(`"mode": "managed", `, "x", named("alpha", idA))},
		{
			name: "managed, in a module, and read as data",
			resources: app(`"mode": "managed", "module": "module.m[\"k\"]", `, "x", named("alpha", idA)) + "," +
				app(`"mode": "data", `, "y", `{"schema_version": 0, "attributes": {"id": "`+idA+`", "name": "alpha", "uuid": "`+idA+`"}}`),
			renames: []herokutf.Rename{{ID: idA, Old: "alpha", New: "beta"}},
			want: []tfconfig.AppRename{
				{Address: `module.m["k"].heroku_app.x`, Old: "alpha", New: "beta"},
				{Address: "data.heroku_app.y", Old: "alpha", New: "beta"},
			},
		},
		{
			name:      "a former run has renamed it in the state",
			resources: app(`"mode": "managed", `, "x", named("beta", idA)),
			renames:   []herokutf.Rename{{Old: "alpha", New: "beta"}},
			want:      []tfconfig.AppRename{{Address: "heroku_app.x", Old: "alpha", New: "beta"}},
		},
		{
			name:      "a chain",
			resources: app(`"mode": "managed", `, "x", named("alpha", idA)) + "," + app(`"mode": "managed", `, "y", named("beta", idB)),
			renames:   []herokutf.Rename{{Old: "alpha", New: "beta"}, {Old: "beta", New: "gamma"}},
			want: []tfconfig.AppRename{
				{Address: "heroku_app.x", Old: "alpha", New: "beta"},
				{Address: "heroku_app.y", Old: "beta", New: "gamma"},
			},
		},
		{
			name:      "another app has the old name now",
			resources: app(`"mode": "managed", `, "x", named("beta", idA)) + "," + app(`"mode": "managed", `, "y", named("alpha", idB)),
			renames:   []herokutf.Rename{{ID: idA, Old: "alpha", New: "beta"}},
			want:      []tfconfig.AppRename{{Address: "heroku_app.x", Old: "alpha", New: "beta"}},
		},
		{
			name: "deposed instances have no place in the configuration",
			resources: app(`"mode": "managed", `, "x", named("alpha", idA)+`,`+
				`{"deposed": "1a2b3c4d", "schema_version": 0, "attributes": {"id": "alpha", "name": "alpha", "uuid": "`+idA+`"}}`),
			renames: []herokutf.Rename{{Old: "alpha", New: "beta"}},
			want:    []tfconfig.AppRename{{Address: "heroku_app.x", Old: "alpha", New: "beta"}},
		},
		{
			name: "renamed twice, and the app has the older name",
			resources: app(`"mode": "managed", `, "x", named("alpha", idA)) + `,
				{"mode": "managed", "type": "heroku_pipeline_coupling", "name": "c", "provider": "provider.heroku",
				"instances": [{"schema_version": 0, "attributes": {"app": "beta", "app_id": "` + idA + `", "id": "c"}}]}`,
			renames: []herokutf.Rename{{ID: idA, Old: "alpha", New: "gamma"}, {ID: idA, Old: "beta", New: "gamma"}},
			want:    []tfconfig.AppRename{{Address: "heroku_app.x", Old: "alpha", New: "gamma"}},
		},
		{
			name: "the app itself is managed elsewhere",
			resources: `{"mode": "managed", "type": "heroku_formation", "name": "web", "provider": "provider[\"registry.terraform.io/heroku/heroku\"]",
				"instances": [{"schema_version": 0, "attributes": {"app": "alpha", "id": "f"}}]}`,
			renames: []herokutf.Rename{{Old: "alpha", New: "beta"}},
			want:    []tfconfig.AppRename{{Old: "alpha", New: "beta"}},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f, err := statefile.Parse("test", []byte(`{"version": 4, "serial": 1, "lineage": "x", "outputs": {}, "resources": [`+tt.resources+`]}`))
			if err != nil {
				t.Fatal(err)
			}
			repair, err := herokutf.RepairRename(f, tt.renames...)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, repair.AppRenames()); diff != "" {
				t.Errorf("AppRenames (-want +got):\n%s", diff)
			}
		})
	}
}

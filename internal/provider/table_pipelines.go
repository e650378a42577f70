package provider

// pipelineResources are pipelines and what brings code into apps.
var pipelineResources = []Resource{
	{
		Mode: Managed, Type: "heroku_app_release", Names: byName, UUIDs: byUUID, Within: "releases",

		Origin: Origin{List: Releases, Current: true},
		Attrs: []Attr{
			{Name: "id", As: Known},
			{Name: "app", As: AppReference, Argument: true},
			{Name: "app_id", As: AppReference, Argument: true},
			{Name: "slug_id", As: Running, Live: "slug.id", Argument: true},
			{Name: "oci_image", As: Running, Live: "artifacts.[type=oci-image].id"},
			{Name: "description", If: IfNamed, Computed: true},
		},
		Import: "{app}",
		Adopt:  Adopt{Never: "it is an event, and Terraform would only forget it"},
	},
	{
		Mode: Managed, Type: "heroku_build", Since: "v1.7.0", Names: byName, UUIDs: byUUID, Within: "builds",
		ListedMaps: []ListedMap{
			{Attr: "source", Keys: []string{"checksum", "path", "url", "version"}},
			{Attr: "user", Keys: []string{"email", "id"}},
		},

		Origin: Origin{List: Builds, Keys: []Key{{Attr: "id"}}},
		Attrs: []Attr{
			{Name: "id", As: Known},
			{Name: "app", As: AppReference, Argument: true},
			{Name: "app_id", As: AppReference, Argument: true},
			{Name: "uuid", As: Known},
			{Name: "buildpacks", As: InOrder, Live: "buildpacks.[].url", Computed: true},
			{Name: "stack", Computed: true},
			{Name: "status", Computed: true},
			{Name: "release_id", Live: "release.id", If: IfLive | IfSet, Computed: true},
			{Name: "slug_id", As: Running, From: Releases, Live: "slug.id", Computed: true},
			{Name: "user.email", Computed: true},
			{Name: "user.id", Computed: true},
			{Name: "source.version", Live: "source_blob.version", If: IfLive},
			{Name: "source.checksum", Live: "source_blob.checksum", If: IfLive | IfNoPath, Computed: true},
			// A new signature of the same source is no other source.
			{Name: "source.url", As: Volatile, Secret: true},
			{Name: "source.path", As: Local},
			{Name: "local_checksum", As: Local},
			{Name: "output_stream_url", As: Volatile, Secret: true},
		},
		Import: "{app}:{id}",
		Adopt:  Adopt{Never: "it is an event, and Terraform would only forget it"},
	},
	{
		Mode: Managed, Type: "heroku_pipeline", Names: noApp, UUIDs: noApp,

		// An import by name left the name as id up to v2.4.0.
		Origin: Origin{List: Pipelines, Keys: []Key{{Attr: "id"}, {Attr: "id", Live: "name"}}},
		Attrs: []Attr{
			{Name: "id", As: Known},
			{Name: "name", Argument: true},
			// Optional and computed: where the state has no owner, Terraform takes
			// whichever there is.
			{Name: "owner.id", If: IfSet},
			{Name: "owner.type", If: IfSet},
		},
		Import: "{id}",
	},
	{
		Mode: Managed, Type: "heroku_pipeline_config_var", Since: "v2.3.0", Names: noApp, UUIDs: noApp,

		Origin: Origin{List: PipelineConfig, Steps: map[string][]string{"pipeline": {"pipeline_id"}, "stage": {"pipeline_stage"}}},
		Attrs: []Attr{
			{Name: "id", As: Known},
			{Name: "pipeline_id", As: Known, Argument: true},
			{Name: "pipeline_stage", As: Known, Argument: true},
			{Name: "vars", As: ManagedKeys, Live: ".", Secret: true},
			{Name: "sensitive_vars", As: ManagedKeys, Live: ".", Secret: true, Marked: true},
			{Name: "all_vars", As: Snapshot, Live: ".", Secret: true, Marked: true},
		},
		ID: "{pipeline}:{stage}",
	},
	{
		Mode: Managed, Type: "heroku_pipeline_coupling",
		Names: Shape{Schema: schema0, Refs: []Ref{field(Name, "app"), field(UUID, "app_id")}},
		UUIDs: byUUID,

		// Another coupling of the same app has taken its place: an app has one.
		Origin: Origin{List: Couplings, Keys: []Key{{Attr: "id"}}, Alias: Key{Attr: "app_id", Live: "app.id"}},
		Attrs: []Attr{
			{Name: "id", As: Known},
			{Name: "app", As: AppReference, Live: "app.id", Argument: true},
			{Name: "app_id", As: AppReference, Live: "app.id", Argument: true},
			{Name: "pipeline", Live: "pipeline.id", Argument: true},
			{Name: "stage", Argument: true},
		},
		Import:    "{id}",
		Unmanaged: &Unmanaged{Of: "app.id", Label: "stage"},
		Adopt:     Adopt{Detail: []string{"stage"}},
	},
	{
		Mode: Managed, Type: "heroku_pipeline_promotion", Since: "v5.3.0",
		UUIDs: Shape{Schema: schema0, Refs: []Ref{
			field(UUID, "source_app_id"),
			field(UUID, "targets", "*"),
			field(UUID, "promoted_release_ids", "*", "app_id"),
		}},

		Origin: Origin{List: Promotions, Steps: map[string][]string{"id": {"id"}}},
		Attrs: []Attr{
			{Name: "id", As: Known},
			{Name: "pipeline", Live: "pipeline.id"},
			{Name: "source_app_id", Live: "source.app.id"},
			{Name: "status", Computed: true},
			{Name: "created_at", As: Timestamp, Computed: true},
			{Name: "promoted_release_ids", As: InOrder, From: PromotionTargets, Live: "[?release].{app_id:app.id,release_id:release.id}", Computed: true},
			{Name: "promoted_release_id", As: Snapshot}, // the first of those
			{Name: "release_id", As: WriteOnly},
			{Name: "targets", As: WriteOnly},
		},
		Adopt: Adopt{Never: "it is an event, and Terraform would only forget it"},
	},
	{
		Mode: Managed, Type: "heroku_review_app_config", Since: "v4.2.0", Names: noApp, UUIDs: noApp,

		Origin: Origin{List: ReviewConfig, Steps: map[string][]string{"pipeline": {"pipeline_id", "id"}}},
		Attrs: []Attr{
			{Name: "id", As: Known},
			{Name: "pipeline_id", As: Known, Argument: true},
			{Name: "org_repo", As: WriteOnly},
			{Name: "repo_id", Live: "repo.id", Type: Int, Computed: true},
			{Name: "automatic_review_apps", Type: Bool, Optional: true},
			{Name: "base_name", Blank: true, Optional: true, Computed: true},
			{Name: "destroy_stale_apps", Type: Bool, Optional: true},
			{Name: "stale_days", Type: Int, Optional: true, Computed: true},
			{Name: "wait_for_ci", Type: Bool, Optional: true},
			{Name: "deploy_target.type", Argument: true},
			{Name: "deploy_target.id", As: Region, From: Regions, Argument: true},
		},
		ID:    "{pipeline}",
		Adopt: Adopt{Never: "Heroku doesn't say which repository it is for: write the resource and import it as PIPELINE:ORGANIZATION/REPOSITORY"},
	},
	{
		Mode: Managed, Type: "heroku_slug", Names: byName, UUIDs: byUUID,

		Origin: Origin{List: Slugs, Steps: map[string][]string{"id": {"id"}}},
		Attrs: []Attr{
			{Name: "id", As: Known},
			{Name: "app", As: AppReference, Argument: true},
			{Name: "app_id", As: AppReference, Argument: true},
			{Name: "buildpack_provided_description"},
			{Name: "checksum", Computed: true},
			{Name: "commit"},
			{Name: "commit_description"},
			{Name: "process_types", As: Mapping},
			{Name: "size", Type: Int, Computed: true},
			{Name: "stack", Live: "stack.name", Computed: true},
			{Name: "stack_id", Live: "stack.id", Computed: true},
			{Name: "blob", As: Volatile, Secret: true},
			{Name: "file_path", As: Local},
			{Name: "file_url", As: WriteOnly, Secret: true},
		},
		Import: "{app}:{id}",
		Adopt:  Adopt{Never: "it is an event, and Terraform would only forget it"},
	},
}

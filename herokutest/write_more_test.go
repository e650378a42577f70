package herokutest_test

// moreWrites are the writes that deploy tools make beside those of Terraform's
// provider. They come after uno, two and walls were made, and acme renamed.
var moreWrites = []writeStep{
	// References are strings or objects, and numbers of dynos may be strings.
	{"POST", "/apps/uno/addons", `{"plan":{"name":"heroku-postgresql"}}`, 201, "pga", "/apps/uno/addons/heroku-postgresql", `"heroku-postgresql:essential-0"`},
	{"POST", "/addon-attachments", `{"addon":{"id":"$pga"},"app":{"name":"uno"}}`, 201, "amber", "/apps/uno/addon-attachments", `"HEROKU_POSTGRESQL_AMBER"`},
	{"POST", "/addon-attachments", `{"addon":"$pga","app":"uno"}`, 201, "", "/apps/uno/config-vars", `"HEROKU_POSTGRESQL_AQUA_URL":"postgres://`},
	{"POST", "/actions/addon-attachments/resolve", `{"addon_attachment":"HEROKU_POSTGRESQL_AMBER","app":"uno"}`, 200, "", "/addon-attachments/$amber", `$pga`},
	{"POST", "/actions/addon-attachments/resolve", `{"addon_attachment":"uno::DATABASE","app":null}`, 200, "", "/addon-attachments/$amber", `$pga`},
	{"POST", "/actions/addon-attachments/resolve", `{"addon_attachment":"DATABASE","addon_service":"heroku-redis","app":"uno"}`, 404, "", "/addons", `$pga`},
	{"POST", "/actions/addons/resolve", `{"addon":"heroku-postgresql","app":"uno"}`, 200, "", "/addons/heroku-postgresql", `$pga`},
	{"POST", "/actions/addons/resolve", `{"addon":"heroku-postgresql","addon_service":"heroku-redis","app":"uno"}`, 404, "", "/addons", `$pga`},
	{"PATCH", "/apps/uno/addons/$pga", `{"plan":"standard-0"}`, 200, "", "/addons/$pga", `"cents":5000`},
	{"POST", "/apps/uno/addons", `{"plan":"heroku-postgresql:mini"}`, 201, "pgb", "/apps/uno/config-vars", `"HEROKU_POSTGRESQL_BLACK_URL"`},
	{"DELETE", "/apps/uno/addons/heroku-postgresql", ``, 422, "", "/addons", `$pgb`},
	{"DELETE", "/apps/uno/addons/HEROKU_POSTGRESQL_BLACK", ``, 200, "", "/addons", `!$pgb`},
	{"DELETE", "/apps/uno/addons/DATABASE", ``, 200, "", "/addons", `!$pga`},
	{"PATCH", "/apps/uno/formation", `{"updates":[{"type":"web","quantity":"+2"}]}`, 200, "", "/apps/uno/formation/web", `"quantity":5`},
	{"PATCH", "/apps/uno/formation/web", `{"quantity":"2","dyno_size":{"name":"standard-1x"}}`, 200, "", "/apps/uno/formation/web", `"quantity":2`},
	{"PATCH", "/apps/uno/formation/web", `{"quantity":"-3"}`, 422, "", "/apps/uno/formation/web", `"quantity":2`},
	{"PATCH", "/apps/uno/formation/web", `{"quantity":"many"}`, 422, "", "/apps/uno/formation/web", `"quantity":2`},
	{"PATCH", "/apps/uno", `{"build_stack":{"name":"heroku-26"}}`, 200, "", "/apps/uno", `"heroku-26"`},
	{"PATCH", "/apps/uno", `{"build_stack":"cedar-14"}`, 422, "", "/apps/uno", `"heroku-26"`},

	// Dynos.
	{"POST", "/apps/uno/dynos", `{"command":"bash","attach":true}`, 201, "dyno", "/apps/uno/dynos/$dyno", `"attach_url":"rendezvous://`},
	{"POST", "/apps/uno/dynos", `{}`, 422, "", "/apps/uno/dynos", `"web.2"`},
	{"DELETE", "/apps/uno/dynos/web.1", ``, 202, "", "/apps/uno/dynos/web.1", `"state":"up"`},
	{"DELETE", "/apps/uno/dynos/web.9", ``, 404, "", "/apps/uno/dynos", `"web.1"`},
	{"DELETE", "/apps/uno/formations/web", ``, 202, "", "/apps/uno/dynos", `"web.1"`},
	{"POST", "/apps/uno/formations/web/actions/stop", ``, 202, "", "/apps/uno/dynos", `"web.1"`},
	{"POST", "/apps/uno/dynos/$dyno/actions/stop", ``, 202, "", "/apps/uno/dynos", `!$dyno`},
	{"POST", "/apps/uno/dynos", `{"command":"bash","type":"task","size":"standard-2x"}`, 201, "dyno", "/apps/uno/dynos/$dyno", `"Standard-2X"`},
	{"DELETE", "/apps/uno/dynos", ``, 202, "", "/apps/uno/dynos", `!$dyno`},
	{"POST", "/apps/uno/log-sessions", `{"tail":true}`, 201, "", "/apps/uno/dynos", `"web.1"`},
	{"POST", "/sources", ``, 201, "", "/apps", `"uno"`},
	{"POST", "/apps/uno/sources", ``, 201, "", "/apps", `"uno"`},

	// The account and what it has.
	{"PATCH", "/account", `{"name":"Uma"}`, 200, "", "/account", `"name":"Uma"`},
	{"POST", "/account/keys", `{"public_key":"ssh-ed25519 AAAAC3Nz uma@laptop"}`, 201, "key", "/account/keys/$key", `"comment":"uma@laptop"`},
	{"POST", "/account/keys", `{"public_key":"nonsense"}`, 422, "", "/account/keys", `$key`},
	{"DELETE", "/account/keys/$key", ``, 200, "", "/account/keys", `[]`},
	{"POST", "/oauth/clients", `{"name":"ci","redirect_uri":"https://ci.example.com"}`, 201, "client", "/oauth/clients/$client", `"ci"`},
	{"POST", "/oauth/clients", `{"name":"ci"}`, 422, "", "/oauth/clients", `$client`},
	{"PATCH", "/oauth/clients/$client", `{"name":"cd"}`, 200, "", "/oauth/clients", `"cd"`},
	{"POST", "/oauth/clients/$client/actions/rotate-credentials", ``, 200, "", "/oauth/clients/$client", `"secret":"`},
	{"POST", "/oauth/authorizations", `{"description":"deploys","scope":["read"],"expires_in":"60"}`, 201, "auth", "/oauth/authorizations/$auth", `"expires_in":60`},
	{"POST", "/oauth/authorizations", `{"expires_in":"soon"}`, 422, "", "/oauth/authorizations", `"deploys"`},
	{"POST", "/oauth/authorizations", `{"client":"$auth"}`, 422, "", "/oauth/authorizations", `"deploys"`},
	{"PATCH", "/oauth/authorizations/$auth", `{"client":{"id":"$client","secret":"x"}}`, 200, "", "/oauth/authorizations/$auth", `"cd"`},
	{"PATCH", "/oauth/authorizations/$auth", `{"client":{"id":"$auth"}}`, 404, "", "/oauth/authorizations/$auth", `"cd"`},
	{"POST", "/oauth/authorizations/$auth/actions/regenerate-tokens", ``, 200, "", "/oauth/authorizations/$auth", `HRKU-`},
	{"DELETE", "/oauth/authorizations/$auth", ``, 200, "", "/oauth/authorizations", `[]`},
	{"DELETE", "/oauth/clients/$client", ``, 200, "", "/oauth/clients", `[]`},
	{"DELETE", "/oauth/sessions/99999999-9999-4999-8999-999999999991", ``, 200, "", "/oauth/sessions", `[]`},

	// Transfers.
	{"POST", "/account/app-transfers", `{"app":"uno","recipient":"ann@example.com"}`, 201, "transfer", "/account/app-transfers/$transfer", `"pending"`},
	{"POST", "/account/app-transfers", `{"app":"uno"}`, 422, "", "/account/app-transfers/uno", `$transfer`},
	{"PATCH", "/account/app-transfers/$transfer", `{"state":"lost"}`, 422, "", "/apps/uno", `!ann@example.com`},
	{"PATCH", "/account/app-transfers/$transfer", `{"state":"accepted"}`, 200, "", "/apps/uno", `"email":"ann@example.com"`},
	{"PATCH", "/account/app-transfers/$transfer", `{"state":"declined"}`, 422, "", "/account/app-transfers", `"accepted"`},
	{"DELETE", "/account/app-transfers/$transfer", ``, 200, "", "/account/app-transfers", `[]`},
	{"POST", "/pipelines", `{"name":"moving"}`, 201, "moving", "/pipelines?eq[name]=moving", `$moving`},
	{"POST", "/pipeline-transfers", `{"pipeline":{"id":"$moving"},"new_owner":{"id":"acme2","type":"team"}}`, 200, "", "/pipelines/$moving", `"type":"team"`},
	{"POST", "/pipeline-transfers", `{"pipeline":{"id":"$moving"},"new_owner":{"id":"none","type":"team"}}`, 404, "", "/pipelines/$moving", `"type":"team"`},
	{"POST", "/pipeline-transfers", `{"pipeline":{"id":"$moving"},"new_owner":{"id":"x","type":"robot"}}`, 422, "", "/pipelines/$moving", `"type":"team"`},
	{"POST", "/spaces/walls/transfer", `{"new_owner":"acme2"}`, 200, "", "/spaces/walls", `"acme2"`},
	{"POST", "/spaces/walls/transfer", `{"new_owner":"none"}`, 404, "", "/spaces/walls", `"acme2"`},

	// Tests of a pipeline.
	{"POST", "/test-runs", `{"pipeline":"$moving","commit_branch":"fix","commit_sha":"abc","commit_message":"m","source_blob_url":"https://example.com/1.tgz"}`, 201, "run", "/pipelines/$moving/test-runs/1", `$run`},
	{"POST", "/test-runs", `{"pipeline":"$moving","debug":true}`, 201, "debugging", "/test-runs/$debugging/test-nodes", `"debugging"`},
	{"PATCH", "/test-runs/$debugging", `{"status":"cancelled","message":"enough"}`, 200, "", "/test-runs/$debugging", `"enough"`},
	{"PATCH", "/test-runs/$debugging", `{"status":"bored"}`, 422, "", "/pipelines/$moving/test-runs", `"cancelled"`},
	{"DELETE", "/pipelines/$moving", ``, 200, "", "/pipelines", `!$moving`},

	// Teams.
	{"PUT", "/teams/acme2/invitations", `{"email":"eve@example.com","role":"admin"}`, 200, "invitation", "/teams/invitations/$invitation", `"admin"`},
	{"PUT", "/teams/acme2/invitations", `{"email":"eve@example.com","role":"member"}`, 200, "", "/teams/acme2/invitations", `"member"`},
	{"PUT", "/teams/acme2/invitations", `{}`, 422, "", "/teams/acme2/invitations", `$invitation`},
	{"POST", "/teams/invitations/$invitation/accept", ``, 200, "", "/teams/acme2/members", `"eve@example.com"`},
	{"POST", "/teams/invitations/$invitation/accept", ``, 404, "", "/teams/acme2/invitations", `[]`},
	{"PUT", "/teams/acme2/invitations", `{"email":"bob@example.com"}`, 200, "", "/teams/acme2/invitations", `"bob@example.com"`},
	{"DELETE", "/teams/acme2/invitations/bob@example.com", ``, 200, "", "/teams/acme2/invitations", `[]`},

	// What webhooks hear of.
	{"POST", "/apps/uno/webhooks", `{"url":"https://hooks.example.com","include":["api:release","api:app"],"level":"notify"}`, 201, "hook", "/apps/uno/webhook-events", `[]`},
	{"PATCH", "/apps/uno/config-vars", `{"C":"3"}`, 200, "", "/apps/uno/webhook-events", `"resource":"release"`},
	{"PATCH", "/apps/uno", `{"maintenance":false}`, 200, "", "/apps/uno/webhook-deliveries", `"include":"api:app"`},
	{"DELETE", "/apps/uno/webhooks/$hook", ``, 200, "", "/apps/uno/webhook-deliveries", `[]`},
}

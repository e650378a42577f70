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
//	s.Deploy("api-production", "") // a slug is made up
//
// Point the tool at [Server.URL] (most read HEROKU_API_URL), with any token.
package herokutest

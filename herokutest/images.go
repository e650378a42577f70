package herokutest

import (
	"fmt"
)

var images = children[*App, OCIImage]{
	path: "/apps/{app}/oci-images", kind: "OCI image",
	parent: (*call).app,
	of:     func(a *App) *[]OCIImage { return &a.Images },
	is:     func(i *OCIImage, ref string) bool { return i.ID == ref || i.Digest == ref },
	fill:   (*Server).fillImage,
	wire:   (*Server).wireImage,
}

// AddImage adds an OCI image to an app without releasing it. It panics if
// there is no such app or the image is invalid.
func (s *Server) AddImage(app string, i OCIImage) OCIImage {
	return addChild(s, "AddImage", images, (*Server).mustApp, app, i)
}

func (s *Server) fillImage(a *App, i *OCIImage) error {
	if err := s.ident(&i.ID, "image", a.Name); err != nil {
		return err
	}
	s.date(&i.CreatedAt, &i.UpdatedAt)
	sum := fmt.Sprintf("%x", s.digest("commit", i.ID, 0))
	def(&i.Commit, sum[:40])
	def(&i.BaseImageName, "heroku/heroku:24")
	def(&i.BaseTopLayer, "sha256:"+sum)
	def(&i.ImageRepo, "images.heroku.example/"+a.ID)
	def(&i.Digest, "sha256:"+fmt.Sprintf("%x", s.digest("digest", i.ID, 0)))
	def(&i.Stack, a.Stack)
	def(&i.Architecture, "amd64")
	if i.ProcessTypes == nil {
		i.ProcessTypes = map[string]string{"web": webCommand}
	}
	return nil
}

func (s *Server) wireImage(_ *App, i *OCIImage) obj {
	procs := obj{}
	for typ, command := range i.ProcessTypes {
		procs[typ] = obj{"name": typ, "display_cmd": command, "command": command, "working_dir": "/workspace", "default": typ == "web"}
	}
	return obj{
		"architecture":       orNull(i.Architecture),
		"base_image_name":    i.BaseImageName,
		"base_top_layer":     i.BaseTopLayer,
		"buildpacks":         []obj{},
		"commit":             i.Commit,
		"commit_description": i.CommitDescription,
		"created_at":         wireTime(i.CreatedAt),
		"digest":             i.Digest,
		"id":                 i.ID,
		"image_repo":         i.ImageRepo,
		"process_types":      procs,
		"stack":              s.named("stack", i.Stack),
		"updated_at":         wireTime(i.UpdatedAt),
	}
}

func imageRoutes() {
	// The API has no list of them, and answers the read of one with a list.
	get(images.path+"/{id}", images.find, func(c *call, x childOf[*App, OCIImage]) any {
		return []any{images.show(c, x)}
	})
}

package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/herokutf/herokutf"
	"github.com/herokutf/herokutf/tfconfig"
)

// checkImport finds out before the work whether import blocks can be written where
// --import says. A folder is that of a configuration.
func (o *driftOptions) checkImport(opts *herokutf.DriftOptions) error {
	if o.importFile == "" || o.importFile == "-" {
		return nil
	}
	info, err := os.Stat(o.importFile)
	if err != nil || !info.IsDir() {
		// Held to when the file is written.
		if _, err := os.Lstat(o.importFile); err == nil {
			return existsError(o.importFile)
		}
		return nil
	}
	if o.placed, err = tfconfig.Load(o.importFile); err != nil {
		return fmt.Errorf("--import: %w", err)
	}
	opts.Config = o.placed
	return nil
}

// placeImports writes import blocks and resources beside what the configuration has of
// their apps.
func (o *driftOptions) placeImports(found *herokutf.DriftReport) error {
	var order []string
	parts := make(map[string]*herokutf.DriftReport) // by file
	for _, object := range found.Objects {
		if file := o.fileOf(found, object.App); object.Verdict == herokutf.Unmanaged && object.ImportID != "" && parts[file] == nil {
			part := *found
			part.Objects = nil
			parts[file] = &part
			order = append(order, file)
		}
	}
	for _, object := range found.Objects {
		if part := parts[o.fileOf(found, object.App)]; object.Verdict == herokutf.Unmanaged && part != nil {
			part.Objects = append(part.Objects, object)
		}
	}
	var edits []tfconfig.FileEdit
	var errs []error
	for _, file := range order {
		var blocks bytes.Buffer
		err := parts[file].WriteImports(&blocks)
		edit, refused := o.placed.Append(file, blocks.Bytes())
		edits, errs = append(edits, edit), append(errs, err, refused)
	}
	err := errors.Join(errs...)
	if err == nil {
		err = tfconfig.Apply(edits)
	}
	if err != nil {
		return fmt.Errorf("write the import blocks: %w", err)
	}
	if len(order) == 0 {
		o.progress.Say("There is nothing to import.")
		return nil
	}
	o.progress.Say("Import blocks are in " + strings.Join(order, ", ") + ".")
	return nil
}

// fileOf is the file of the root module that has an app, else that of another resource
// of the app, else imports.tf.
func (o *driftOptions) fileOf(found *herokutf.DriftReport, app string) string {
	file := ""
	for i := range found.Objects {
		object := &found.Objects[i]
		if object.App != app || object.Address == "" {
			continue
		}
		at, ok := o.placed.Position(object.Address, true)
		if !ok || filepath.Ext(at.File) == ".json" {
			continue
		}
		if object.Type == "heroku_app" {
			return at.File
		}
		if file == "" {
			file = at.File
		}
	}
	if file == "" {
		file = filepath.Join(o.placed.Dir(), "imports.tf")
	}
	return file
}

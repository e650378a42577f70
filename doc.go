// Package herokutf helps teams that run Heroku apps with Terraform.
//
// It answers questions that neither Heroku nor Terraform answers: which slugs
// do my pipelines run now, and how do I get my Terraform state back after an
// app was renamed.
package herokutf

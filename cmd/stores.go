package cmd

// Object stores that a run file may name. A program of one's own registers others with package data/objects.
import (
	_ "github.com/rondo-ml/rondo/data/objects/gcs"
	_ "github.com/rondo-ml/rondo/data/objects/s3"
)

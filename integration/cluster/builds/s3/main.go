// Command s3 is an S3 in memory with one bucket, to which anybody may.
//
//	s3 ADDRESS BUCKET
package main

import (
	"fmt"
	"net/http"
	"os"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: s3 ADDRESS BUCKET")
		os.Exit(2)
	}
	fmt.Fprintln(os.Stderr, serve(os.Args[1], os.Args[2]))
	os.Exit(1)
}

func serve(address, bucket string) error {
	backend := s3mem.New()
	if err := backend.CreateBucket(bucket); err != nil {
		return err
	}
	return http.ListenAndServe(address, gofakes3.New(backend, gofakes3.WithoutVersioning()).Server())
}

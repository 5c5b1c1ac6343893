package gcs

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"os"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/google"

	"github.com/rondo-ml/rondo/data/objects"
	"github.com/rondo-ml/rondo/data/objects/s3"
)

func init() { objects.Register("gs", open) }

const (
	where = "https://storage.googleapis.com"
	scope = "https://www.googleapis.com/auth/devstorage.read_write"
)

// advice is what to do for who is not allowed.
const advice = "the service account needs the role Storage Object User on the bucket (for data: Storage Object Viewer)"

// open opens a bucket. STORAGE_EMULATOR_HOST names a server that asks for no proof, as for Google's own programs.
func open(bucket string) (objects.Store, error) {
	transport, err := s3.NewTransport()
	if err != nil {
		return nil, err
	}
	endpoint, below := where, http.RoundTripper(transport)
	if emulator := os.Getenv("STORAGE_EMULATOR_HOST"); emulator != "" {
		at, err := url.Parse(emulator)
		if err != nil || at.Host == "" {
			return nil, fmt.Errorf("STORAGE_EMULATOR_HOST: want http://HOST:PORT")
		}
		endpoint = at.Scheme + "://" + at.Host
	} else {
		// Tokens are fetched with the same patience as objects.
		ctx := context.WithValue(context.Background(), oauth2.HTTPClient, &http.Client{Transport: transport})
		found, err := google.FindDefaultCredentials(ctx, scope)
		if err != nil {
			return nil, fmt.Errorf("no credentials of Google's were found: set GOOGLE_APPLICATION_CREDENTIALS to a file of them, or give the pod or the machine a service account")
		}
		below = &oauth2.Transport{Source: found.TokenSource, Base: transport}
	}
	return s3.New(s3.Config{Scheme: "gs", Bucket: bucket, Endpoint: endpoint, Transport: translator{below}, Advice: advice})
}

package s3

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
)

// amazon is where S3 is unless an endpoint is named.
const amazon = "https://s3.amazonaws.com"

// connect makes a client by what the environment says.
func connect() (*minio.Core, string, error) {
	endpoint := first("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL")
	own := endpoint != ""
	if !own {
		endpoint = amazon
	}
	at, err := url.Parse(endpoint)
	if err != nil || at.Host == "" || at.Scheme != "http" && at.Scheme != "https" || at.User != nil || strings.Trim(at.Path, "/") != "" {
		return nil, "", fmt.Errorf("AWS_ENDPOINT_URL_S3 or AWS_ENDPOINT_URL: want http://HOST:PORT or https://HOST:PORT, without path and user")
	}
	region := first("AWS_REGION", "AWS_DEFAULT_REGION")
	if region == "" && own {
		region = "us-east-1"
	}
	lookup := minio.BucketLookupAuto
	switch style := os.Getenv("RONDO_S3_ADDRESSING"); style {
	case "", "path":
		if own {
			lookup = minio.BucketLookupPath
		}
	case "virtual":
		lookup = minio.BucketLookupDNS
	default:
		return nil, "", fmt.Errorf("RONDO_S3_ADDRESSING is %q: want path or virtual", style)
	}
	transport, err := NewTransport()
	if err != nil {
		return nil, "", err
	}
	core, err := minio.NewCore(at.Host, &minio.Options{
		Creds: secrets(transport), Secure: at.Scheme == "https", Region: region, BucketLookup: lookup, Transport: transport,
		MaxRetries: 1, // tries are package objects' matter
	})
	return core, at.Scheme + "://" + at.Host, err
}

// NewTransport keeps enough connections for all parts and reads of a worker.
func NewTransport() (*http.Transport, error) {
	t := &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           (&net.Dialer{Timeout: 10 * time.Second, KeepAlive: 15 * time.Second}).DialContext,
		TLSHandshakeTimeout:   10 * time.Second,
		MaxIdleConnsPerHost:   64,
		IdleConnTimeout:       time.Minute,
		ResponseHeaderTimeout: time.Minute,
		DisableCompression:    true,
	}
	file := os.Getenv("AWS_CA_BUNDLE")
	if file == "" {
		return t, nil
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("AWS_CA_BUNDLE: %w", err)
	}
	roots, err := x509.SystemCertPool()
	if err != nil {
		roots = x509.NewCertPool()
	}
	if !roots.AppendCertsFromPEM(text) {
		return nil, fmt.Errorf("AWS_CA_BUNDLE: %s holds no certificate", file)
	}
	t.TLSClientConfig = &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}
	return t, nil
}

// metadataWait is how long the machine is asked for credentials: where there is no such service nobody answers.
const metadataWait = 2 * time.Second

// secrets finds credentials in the environment, in files, and with the machine.
func secrets(t *http.Transport) *credentials.Credentials {
	list := []credentials.Provider{&credentials.EnvAWS{}, &credentials.FileAWSCredentials{}, &credentials.EnvMinio{}}
	if !strings.EqualFold(os.Getenv("AWS_EC2_METADATA_DISABLED"), "true") || os.Getenv("AWS_WEB_IDENTITY_TOKEN_FILE") != "" {
		list = append(list, &credentials.IAM{Client: &http.Client{Transport: t, Timeout: metadataWait}})
	}
	return credentials.NewChainCredentials(list)
}

// first is the first of these variables that is set.
func first(names ...string) string {
	for _, n := range names {
		if v := os.Getenv(n); v != "" {
			return v
		}
	}
	return ""
}

// Package gcs opens buckets of Google Cloud Storage, as gs://bucket/prefix.
//
// Their XML interface takes the requests of S3, with other headers: who asks is told by a token, and conditions go by the
// generation of an object, not by its ETag. So this is package s3 behind a transport that translates. Credentials are
// Google's default ones: the file that GOOGLE_APPLICATION_CREDENTIALS names (a key, or a workload identity's), that of
// gcloud, or the machine's or pod's service account.
package gcs

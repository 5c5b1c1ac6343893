// Package s3 opens buckets of S3 and of stores that speak as it does (MinIO, Ceph, R2, …), as s3://bucket/prefix.
//
// Where the store is and who asks is found in the surroundings, by the names that AWS's own tools use:
//
//	AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL      http://minio:9000; without: Amazon's
//	AWS_REGION, AWS_DEFAULT_REGION             without: asked for, us-east-1 at an endpoint of your own
//	AWS_CA_BUNDLE                              certificates that are trusted beside the system's
//	AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN
//	AWS_SHARED_CREDENTIALS_FILE, AWS_PROFILE   else ~/.aws/credentials
//	AWS_WEB_IDENTITY_TOKEN_FILE, AWS_ROLE_ARN  a role of a Kubernetes service account
//	AWS_CONTAINER_CREDENTIALS_FULL_URI, …      a pod's or a task's
//	AWS_EC2_METADATA_DISABLED=true             without it, at last, the machine's own are asked for
//	RONDO_S3_ADDRESSING=virtual                bucket.host in the place of host/bucket at an endpoint of your own
//
// The first that has credentials counts. Those that expire are renewed.
package s3

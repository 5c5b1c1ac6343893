package s3

import (
	"bytes"
	"context"
	"crypto/rand"
	"sync"

	"github.com/minio/minio-go/v7"

	"github.com/rondo-ml/rondo/data/objects"
)

// mark is the name in an object's metadata under which an upload leaves a text of its own.
const mark = "Rondo-Upload"

type upload struct {
	*store
	key, id string
	text    string // the mark
	mu      sync.Mutex
	parts   map[int]string // ETags by number
}

func (s *store) Upload(ctx context.Context, key string) (objects.Upload, error) {
	u := &upload{store: s, key: key, text: rand.Text(), parts: map[int]string{}}
	var err error
	u.id, err = s.core.NewMultipartUpload(ctx, s.bucket, key, minio.PutObjectOptions{
		ContentType: "application/octet-stream", UserMetadata: map[string]string{mark: u.text}})
	if err != nil {
		return nil, s.fault("write", key, err)
	}
	return u, nil
}

func (u *upload) Part(ctx context.Context, n int, data []byte) error {
	part, err := u.core.PutObjectPart(ctx, u.bucket, u.key, u.id, n+1, bytes.NewReader(data), int64(len(data)),
		minio.PutObjectPartOptions{Sha256Hex: u.sum(data), DisableContentSha256: true})
	if err != nil {
		return u.fault("write", u.key, err)
	}
	u.mu.Lock()
	u.parts[n] = part.ETag
	u.mu.Unlock()
	return nil
}

func (u *upload) Commit(ctx context.Context, parts int) error {
	var list []minio.CompletePart
	for n := range parts {
		list = append(list, minio.CompletePart{PartNumber: n + 1, ETag: u.parts[n]})
	}
	_, err := u.core.CompleteMultipartUpload(ctx, u.bucket, u.key, u.id, list, minio.PutObjectOptions{})
	if err == nil {
		return nil
	}
	// An earlier answer may have been lost: then the upload is gone, and the object bears its mark.
	if info, looked := u.core.StatObject(ctx, u.bucket, u.key, minio.StatObjectOptions{}); looked == nil && info.UserMetadata[mark] == u.text {
		return nil
	}
	return u.fault("write", u.key, err)
}

func (u *upload) Abort(ctx context.Context) error {
	return u.core.AbortMultipartUpload(ctx, u.bucket, u.key, u.id)
}

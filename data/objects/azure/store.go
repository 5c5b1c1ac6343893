package azure

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/streaming"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blockblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"

	"github.com/rondo-ml/rondo/data/objects"
)

func (s *store) Read(ctx context.Context, key string, off int64, p []byte, etag string) error {
	answer, err := s.client.NewBlobClient(key).DownloadStream(ctx, &blob.DownloadStreamOptions{
		Range: blob.HTTPRange{Offset: off, Count: int64(len(p))}, AccessConditions: conditions(objects.IfMatch(etag))})
	if err != nil {
		return s.fault("read", key, err)
	}
	defer answer.Body.Close()
	if n := answer.ContentLength; n != nil && *n < int64(len(p)) {
		return &objects.Error{Kind: objects.ShortRead, Op: "read", Bucket: s.name(), Key: key, Where: s.where, Err: io.ErrUnexpectedEOF}
	}
	if _, err := io.ReadFull(answer.Body, p); err != nil {
		return s.broken("read", key, err)
	}
	return nil
}

func (s *store) Stat(ctx context.Context, key string) (objects.Info, error) {
	answer, err := s.client.NewBlobClient(key).GetProperties(ctx, nil)
	if err != nil {
		return objects.Info{}, s.fault("read", key, err)
	}
	if answer.ContentLength == nil || answer.ETag == nil {
		return objects.Info{}, s.broken("read", key, fmt.Errorf("an answer without size or ETag"))
	}
	return objects.Info{Size: *answer.ContentLength, ETag: string(*answer.ETag)}, nil
}

func (s *store) Put(ctx context.Context, key string, data []byte, c objects.Condition) (objects.Info, error) {
	answer, err := s.client.NewBlockBlobClient(key).Upload(ctx, streaming.NopCloser(bytes.NewReader(data)),
		&blockblob.UploadOptions{AccessConditions: conditions(c)})
	if err != nil {
		return objects.Info{}, s.fault("write", key, err)
	}
	info := objects.Info{Size: int64(len(data))}
	if answer.ETag != nil {
		info.ETag = string(*answer.ETag)
	}
	return info, nil
}

func (s *store) List(ctx context.Context, prefix string) ([]string, error) {
	var names []string
	for pages := s.client.NewListBlobsHierarchyPager("/", &container.ListBlobsHierarchyOptions{Prefix: &prefix}); pages.More(); {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, s.fault("list", strings.TrimSuffix(prefix, "/"), err)
		}
		add := func(name *string) {
			if name != nil && len(*name) > len(prefix) {
				names = append(names, strings.TrimSuffix(strings.TrimPrefix(*name, prefix), "/"))
			}
		}
		for _, p := range page.Segment.BlobPrefixes {
			add(p.Name)
		}
		for _, b := range page.Segment.BlobItems {
			add(b.Name)
		}
	}
	return names, nil
}

func (s *store) Delete(ctx context.Context, key string) error {
	if _, err := s.client.NewBlobClient(key).Delete(ctx, nil); err != nil {
		return s.fault("remove", key, err)
	}
	return nil
}

// conditions are those of a request.
func conditions(c objects.Condition) *blob.AccessConditions {
	m := &blob.ModifiedAccessConditions{}
	switch {
	case c.Absent():
		m.IfNoneMatch = to.Ptr(azcore.ETagAny)
	case c.ETag() != "":
		m.IfMatch = to.Ptr(azcore.ETag(c.ETag()))
	default:
		return nil
	}
	return &blob.AccessConditions{ModifiedAccessConditions: m}
}

// upload is a blob of several blocks. To commit one twice comes to the same.
type upload struct {
	*store
	key string
}

func (s *store) Upload(_ context.Context, key string) (objects.Upload, error) {
	return &upload{s, key}, nil
}

// blockID names a block; all of a blob are of one length.
func blockID(n int) string {
	return base64.StdEncoding.EncodeToString(fmt.Appendf(nil, "part-%06d", n))
}

func (u *upload) Part(ctx context.Context, n int, data []byte) error {
	_, err := u.client.NewBlockBlobClient(u.key).StageBlock(ctx, blockID(n), streaming.NopCloser(bytes.NewReader(data)), nil)
	if err != nil {
		return u.fault("write", u.key, err)
	}
	return nil
}

func (u *upload) Commit(ctx context.Context, parts int) error {
	var list []string
	for n := range parts {
		list = append(list, blockID(n))
	}
	if _, err := u.client.NewBlockBlobClient(u.key).CommitBlockList(ctx, list, nil); err != nil {
		return u.fault("write", u.key, err)
	}
	return nil
}

// Abort does nothing: Azure drops blocks that nobody commits after a week.
func (u *upload) Abort(context.Context) error { return nil }

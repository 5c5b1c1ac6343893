// Package azure opens containers of Azure Blob Storage, as azblob://container/prefix.
//
// Which account, and who asks, is found in the surroundings, by the names that Azure's own tools use:
//
//	AZURE_STORAGE_CONNECTION_STRING   all of it at once, for an emulator too
//	AZURE_STORAGE_ACCOUNT             the account's name, with one of:
//	AZURE_STORAGE_KEY                 its key
//	AZURE_STORAGE_SAS_TOKEN           a signature that allows some of it
//	AZURE_FEDERATED_TOKEN_FILE, AZURE_CLIENT_ID, AZURE_TENANT_ID, AZURE_AUTHORITY_HOST
//	                                  the workload identity of a Kubernetes service account, as AKS sets them
//
// and, without any of these, the machine's managed identity.
package azure

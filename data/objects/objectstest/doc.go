// Package objectstest serves S3 to tests, in their own process, with the faults that stores have: answers that are lost,
// connections that break, errors of the server, lists that lag behind.
package objectstest

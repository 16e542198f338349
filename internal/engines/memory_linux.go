package engines

import "syscall"

// inMemory is the folder of a file system in memory that has room for the data of
// servers, or empty. There a schema is made in a fraction of the time.
func inMemory() string {
	const dir, room = "/dev/shm", 2 << 30
	var fs syscall.Statfs_t
	if err := syscall.Statfs(dir, &fs); err != nil || fs.Bavail*uint64(fs.Bsize) < room {
		return ""
	}
	if err := syscall.Access(dir, 2); err != nil { // to write
		return ""
	}
	return dir
}

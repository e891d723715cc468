/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "module_file.h"

#define SIZE_MAX_READ (64u << 20)	/* larger is no module of ours */

/* How it begins is said in modules/registration.c. */
static void find_identity(struct module_file *module, const char *data,
			  size_t size)
{
	static const char mark[] = "vfs_latency ";
	const char *end = data + size, *at = data;
	char text[96];

	while ((at = memmem(at, (size_t)(end - at), mark, strlen(mark))) !=
	       NULL) {
		snprintf(text, sizeof(text), "%.*s",
			 (int)(end - at < 95 ? end - at : 95), at);
		if (sscanf(text, "vfs_latency %15[0-9.] for Samba %47s",
			   module->version, module->samba) == 2) {
			return;
		}
		at++;
	}
	module->version[0] = '\0';
}

/* Is a range inside the file? */
static bool inside(size_t size, uint64_t offset, uint64_t length)
{
	return offset <= size && length <= size - offset;
}

/* Is there a section of this name in an ELF file of this machine's kind? */
static bool has_section(const char *data, size_t size, const char *name)
{
	ElfW(Ehdr) file;
	ElfW(Shdr) section, names;
	unsigned i;

	if (size < sizeof(file) || memcmp(data, ELFMAG, SELFMAG) != 0) {
		return false;
	}
	memcpy(&file, data, sizeof(file));
	if (file.e_shentsize != sizeof(section) ||
	    file.e_shstrndx >= file.e_shnum ||
	    !inside(size, file.e_shoff,
		    (uint64_t)file.e_shnum * sizeof(section))) {
		return false;
	}
	memcpy(&names, data + file.e_shoff +
	       file.e_shstrndx * sizeof(section), sizeof(names));
	if (!inside(size, names.sh_offset, names.sh_size)) {
		return false;
	}
	for (i = 0; i < file.e_shnum; i++) {
		memcpy(&section, data + file.e_shoff + i * sizeof(section),
		       sizeof(section));
		if (inside(names.sh_size, section.sh_name, strlen(name) + 1) &&
		    memcmp(data + names.sh_offset + section.sh_name, name,
			   strlen(name) + 1) == 0) {
			return true;
		}
	}
	return false;
}

/* The whole file; NULL with errno. */
static char *read_whole(int fd, size_t size)
{
	char *data = malloc(size + 1);
	size_t done = 0;

	while (data != NULL && done < size) {
		ssize_t got = read(fd, data + done, size - done);

		if (got <= 0) {
			errno = got == 0 ? EIO : errno;
			free(data);
			return NULL;
		}
		done += (size_t)got;
	}
	return data;
}

void module_file_read(struct module_file *module, const char *directory)
{
	size_t size;
	char *data;
	int fd;

	memset(module, 0, sizeof(*module));
	snprintf(module->path, sizeof(module->path), "%s/latency.so",
		 directory);
	fd = open(module->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd == -1) {
		module->error = errno;
		return;
	}
	if (fstat(fd, &module->st) != 0 || !S_ISREG(module->st.st_mode) ||
	    module->st.st_size > SIZE_MAX_READ) {
		module->error = EINVAL;
		close(fd);
		return;
	}
	size = (size_t)module->st.st_size;
	data = read_whole(fd, size);
	if (data != NULL) {
		find_identity(module, data, size);
		module->probes = has_section(data, size, ".note.stapsdt");
		free(data);
	} else {
		module->error = errno;
	}
	close(fd);
}

// SPDX-License-Identifier: Apache-2.0
// A machine with faults, for LD_PRELOAD; the environment says which:
//   FAULT_DISK=N        room for N more bytes in regular files, then "no space left on device"; files removed give back
//   FAULT_READ_ONLY=N   after N files were opened for writing the disk is read-only
//   FAULT_LOCK_DELAY=N  N milliseconds pass before a file is locked
//   FAULT_CLOCK=1       the time of day jumps a day to and fro at each look
#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdarg>
#include <cstdlib>
#include <ctime>
#include <dlfcn.h>
#include <fcntl.h>
#include <mutex>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

namespace {

/// The number of an environment variable, or -1.
long setting(const char* name) {
    const char* const word = std::getenv(name);
    return word ? std::atol(word) : -1;
}

template <class Function> Function* next(const char* name) {
    return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

long room = setting("FAULT_DISK");
std::mutex room_mutex;
std::atomic<long> opens{setting("FAULT_READ_ONLY")}, looks{0};

bool jumps() {
    static const bool on = setting("FAULT_CLOCK") > 0;
    return on;
}
/// Seconds by which this look at the clock is wrong.
long jump() { return looks.fetch_add(1) % 2 ? 86400 : -86400; }

bool refuses(int flags) {
    static const bool on = setting("FAULT_READ_ONLY") >= 0;
    return on && (flags & (O_WRONLY | O_RDWR | O_CREAT)) && opens.fetch_sub(1) <= 0;
}

using Open = int(const char*, int, ...);

int open_or_refuse(const char* symbol, const char* path, int flags, mode_t mode) {
    if (refuses(flags)) {
        errno = EROFS;
        return -1;
    }
    return next<Open>(symbol)(path, flags, mode);
}

} // namespace

extern "C" {

int open(const char* path, int flags, ...) {
    va_list rest;
    va_start(rest, flags);
    const mode_t mode = flags & O_CREAT ? va_arg(rest, mode_t) : 0;
    va_end(rest);
    return open_or_refuse("open", path, flags, mode);
}

int open64(const char* path, int flags, ...) {
    va_list rest;
    va_start(rest, flags);
    const mode_t mode = flags & O_CREAT ? va_arg(rest, mode_t) : 0;
    va_end(rest);
    return open_or_refuse("open64", path, flags, mode);
}

ssize_t write(int descriptor, const void* bytes, size_t count) {
    static const auto real = next<ssize_t(int, const void*, size_t)>("write");
    static const bool limited = setting("FAULT_DISK") >= 0;
    struct stat status {};
    if (!limited || count == 0 || ::fstat(descriptor, &status) != 0 || !S_ISREG(status.st_mode))
        return real(descriptor, bytes, count);
    const std::lock_guard lock(room_mutex);
    if (room <= 0) {
        errno = ENOSPC;
        return -1;
    }
    const ssize_t written = real(descriptor, bytes, std::min(count, size_t(room)));
    if (written > 0) room -= written;
    return written;
}

int unlink(const char* path) noexcept {
    static const auto real = next<int(const char*)>("unlink");
    struct stat status {};
    const bool counts = ::lstat(path, &status) == 0 && S_ISREG(status.st_mode);
    const int result = real(path);
    const std::lock_guard lock(room_mutex);
    if (result == 0 && counts) room += status.st_size;
    return result;
}

int flock(int descriptor, int operation) noexcept {
    const long delay = setting("FAULT_LOCK_DELAY");
    if (delay > 0) ::usleep(useconds_t(1000 * delay));
    return next<int(int, int)>("flock")(descriptor, operation);
}

int clock_gettime(clockid_t clock, timespec* now) noexcept {
    static const auto real = next<int(clockid_t, timespec*)>("clock_gettime");
    const int status = real(clock, now);
    if (status == 0 && clock == CLOCK_REALTIME && jumps()) now->tv_sec += jump();
    return status;
}

int gettimeofday(timeval* now, void* zone) noexcept {
    static const auto real = next<int(timeval*, void*)>("gettimeofday");
    const int status = real(now, zone);
    if (status == 0 && jumps()) now->tv_sec += jump();
    return status;
}

time_t time(time_t* out) noexcept {
    static const auto real = next<time_t(time_t*)>("time");
    const time_t now = real(nullptr) + (jumps() ? jump() : 0);
    if (out) *out = now;
    return now;
}
}

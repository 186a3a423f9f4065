/*
 * Keeps a pod's namespaces alive: sleeps, reaps the orphans it inherits where the pod shares its process namespace,
 * and ends at once on SIGTERM or SIGINT. Without libc, so that the binary is a few kilobytes and needs no pull.
 *
 * `pause connect <port>`, run inside the sandbox, joins its standard streams to that port of the pod's loopback: says "ok"
 * on stderr once it is connected, and ends with the system's error number when it cannot be.
 */
#if defined(__x86_64__)
enum { sigprocmask_nr = 14, sigtimedwait_nr = 128, wait4_nr = 61, exit_nr = 231 };
enum { read_nr = 0, write_nr = 1, socket_nr = 41, connect_nr = 42, shutdown_nr = 48, close_nr = 3, ppoll_nr = 271 };
__asm__(".globl _start\n_start: mov %rsp, %rdi\n and $-16, %rsp\n call begin\n");
static long call(long nr, long a, long b, long c, long d) {
  register long r10 __asm__("r10") = d;
  __asm__ volatile("syscall" : "+a"(nr) : "D"(a), "S"(b), "d"(c), "r"(r10) : "rcx", "r11", "memory");
  return nr;
}
#elif defined(__aarch64__)
enum { sigprocmask_nr = 135, sigtimedwait_nr = 137, wait4_nr = 260, exit_nr = 94 };
enum { read_nr = 63, write_nr = 64, socket_nr = 198, connect_nr = 203, shutdown_nr = 210, close_nr = 57, ppoll_nr = 73 };
__asm__(".globl _start\n_start: mov x0, sp\n bl begin\n");
static long call(long nr, long a, long b, long c, long d) {
  register long x8 __asm__("x8") = nr;
  register long x0 __asm__("x0") = a;
  register long x1 __asm__("x1") = b;
  register long x2 __asm__("x2") = c;
  register long x3 __asm__("x3") = d;
  __asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3) : "memory");
  return x0;
}
#else
#error "pause knows the system calls of x86_64 and aarch64 only"
#endif

enum { sig_int = 2, sig_term = 15, sig_chld = 17, wnohang = 1, sig_block = 0 };
static unsigned long bit(int signal) { return 1ul << (signal - 1); }

enum { inet = 2, inet6 = 10, stream = 1, shut_write = 1, poll_in = 1, poll_ends = 8 | 16 | 32 };
struct poll { int fd; short events, revents; };
static char buffer[32768];

/* The 127.0.0.1 or ::1 that a server of the pod listens on. Returns the socket, or the error number below zero. */
static long connect_to(int family, unsigned port) {
  unsigned char address[28] = {0};
  long length = family == inet ? 16 : 28;
  address[0] = family;
  address[2] = port >> 8;
  address[3] = port;
  if (family == inet) address[4] = 127, address[7] = 1;
  else address[23] = 1;
  long fd = call(socket_nr, family, stream, 0, 0);
  if (fd < 0) return fd;
  long failed = call(connect_nr, fd, (long)address, length, 0);
  if (failed < 0) call(close_nr, fd, 0, 0, 0);
  return failed < 0 ? failed : fd;
}

/* Moves what is there to read; 0 at the end, or when nobody takes it any more. */
static int move(long from, long to) {
  long length = call(read_nr, from, (long)buffer, sizeof buffer, 0);
  for (long at = 0; at < length;) {
    long written = call(write_nr, to, (long)(buffer + at), length - at, 0);
    if (written <= 0) return 0;
    at += written;
  }
  return length > 0;
}

static long relay(unsigned port) {
  long fd = connect_to(inet, port);
  if (fd < 0) {
    long other = connect_to(inet6, port);
    if (other < 0) return -fd;
    fd = other;
  }
  call(write_nr, 2, (long)"ok\n", 3, 0);
  struct poll ends[2] = {{fd, poll_in, 0}, {0, poll_in, 0}};
  for (;;) {
    if (call(ppoll_nr, (long)ends, 2, 0, 0) < 0) return 0;
    if (ends[0].revents && !move(fd, 1)) return 0;
    if ((ends[1].revents & (poll_in | poll_ends)) && !move(0, fd)) {
      /* the client has said all, and may still be answered */
      call(shutdown_nr, fd, shut_write, 0, 0);
      ends[1].fd = -1;
    }
  }
}

static unsigned number(const char *text) {
  unsigned value = 0;
  while (*text >= '0' && *text <= '9') value = value * 10 + (*text++ - '0');
  return value;
}

/* Blocked signals reach even process 1, which the kernel otherwise shields, so nothing needs a handler. */
__attribute__((used)) void begin(long *stack) {
  char **arguments = (char **)(stack + 1);
  if (stack[0] == 3) call(exit_nr, relay(number(arguments[2])), 0, 0, 0);
  unsigned long awaited = bit(sig_int) | bit(sig_term) | bit(sig_chld);
  call(sigprocmask_nr, sig_block, (long)&awaited, 0, sizeof awaited);
  for (;;) {
    long signal = call(sigtimedwait_nr, (long)&awaited, 0, 0, sizeof awaited);
    if (signal == sig_int || signal == sig_term) call(exit_nr, 0, 0, 0, 0);
    while (call(wait4_nr, -1, 0, wnohang, 0) > 0) continue;
  }
}

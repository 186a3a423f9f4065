/*
 * Keeps a pod's namespaces alive: sleeps, reaps the orphans it inherits where the pod shares its process namespace,
 * and ends at once on SIGTERM or SIGINT. Without libc, so that the binary is a few kilobytes and needs no pull.
 */
#if defined(__x86_64__)
enum { sigprocmask_nr = 14, sigtimedwait_nr = 128, wait4_nr = 61, exit_nr = 231 };
static long call(long nr, long a, long b, long c, long d) {
  register long r10 __asm__("r10") = d;
  __asm__ volatile("syscall" : "+a"(nr) : "D"(a), "S"(b), "d"(c), "r"(r10) : "rcx", "r11", "memory");
  return nr;
}
#elif defined(__aarch64__)
enum { sigprocmask_nr = 135, sigtimedwait_nr = 137, wait4_nr = 260, exit_nr = 94 };
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

/* Blocked signals reach even process 1, which the kernel otherwise shields, so nothing needs a handler. */
void _start(void) {
  unsigned long awaited = bit(sig_int) | bit(sig_term) | bit(sig_chld);
  call(sigprocmask_nr, sig_block, (long)&awaited, 0, sizeof awaited);
  for (;;) {
    long signal = call(sigtimedwait_nr, (long)&awaited, 0, 0, sizeof awaited);
    if (signal == sig_int || signal == sig_term) call(exit_nr, 0, 0, 0, 0);
    while (call(wait4_nr, -1, 0, wnohang, 0) > 0) continue;
  }
}

#include "worker/serve/client_watch.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <boost/asio/steady_timer.hpp>
#include <cerrno>

namespace worker::serve {

namespace {

constexpr auto kLookAgain = std::chrono::milliseconds(50);

enum class Peer { silent, talking, gone };

Peer look_at(int descriptor) {
  char byte;
  ssize_t size = recv(descriptor, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  if (size == 0) return Peer::gone;
  if (size < 0) return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR ? Peer::silent : Peer::gone;
#ifdef POLLRDHUP
  pollfd half{.fd = descriptor, .events = POLLRDHUP, .revents = 0};
#else
  pollfd half{.fd = descriptor, .events = 0, .revents = 0};
#endif
  bool hung_up = poll(&half, 1, 0) > 0 && half.revents != 0;
  return hung_up ? Peer::gone : Peer::talking;
}

}  // namespace

struct ClientWatch::State : std::enable_shared_from_this<State> {
  State(Socket& watched, std::function<void()> on_left) : socket(&watched), timer(watched.get_executor()), left(std::move(on_left)) {}

  void wait() {
    socket->async_wait(Socket::wait_read, [self = shared_from_this()](boost::system::error_code ec) {
      if (!ec && self->socket) self->look();
    });
  }
  void look() {
    switch (look_at(socket->native_handle())) {
      case Peer::gone: return left();
      case Peer::silent: return wait();
      case Peer::talking:
        timer.expires_after(kLookAgain);
        timer.async_wait([self = shared_from_this()](boost::system::error_code ec) {
          if (!ec && self->socket) self->look();
        });
    }
  }

  Socket* socket;  // null once the watch is over
  boost::asio::steady_timer timer;
  std::function<void()> left;
};

ClientWatch::ClientWatch(Socket& socket, std::function<void()> left) : state_(std::make_shared<State>(socket, std::move(left))) {
  state_->wait();
}

ClientWatch::~ClientWatch() {
  boost::system::error_code ignored;
  if (state_->socket->is_open()) state_->socket->cancel(ignored);
  state_->timer.cancel();
  state_->socket = nullptr;
}

}  // namespace worker::serve

// One HTTP/1.1 connection to a server: a worker, a peer, or (from the command line and tests) the daemon. Over a socket, or over whatever
// somebody else has connected (byte_stream.hpp).
//
// One request at a time: send(), read_head(), then read_some() until it returns 0, which means the body ended as its framing said. A body
// that ends early is an Error, never a short success. Deadlines come from outside (cancellation); a cancelled connection is finished.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "common/result.hpp"
#include "common/server_address.hpp"

namespace common {

class ByteStream;

using HeaderFields = std::vector<std::pair<std::string, std::string>>;

struct HttpRequest {
  std::string method = "GET";
  std::string target = "/";
  HeaderFields fields;  // Content-Length and the like are added, and Host unless it is there
  std::string body;
};

struct HttpResponseHead {
  unsigned status = 0;
  HeaderFields fields;
  // The value of a field (name in any case), or empty.
  std::string_view field(std::string_view name) const;
};

struct HttpResponse {
  HttpResponseHead head;
  std::string body;
};

class HttpClient {
 public:
  static boost::asio::awaitable<Result<HttpClient>> connect(ServerAddress address);
  static boost::asio::awaitable<Result<HttpClient>> connect_unix(std::string path);
  static boost::asio::awaitable<Result<HttpClient>> connect_tcp(std::string host, std::string port);
  // Takes a stream that is connected and ready for a request.
  static HttpClient over(std::unique_ptr<ByteStream> stream);

  HttpClient();  // not connected; results need it
  HttpClient(HttpClient&&) noexcept;
  HttpClient& operator=(HttpClient&&) noexcept;
  ~HttpClient();  // closes

  boost::asio::awaitable<Result<void>> send(HttpRequest request);
  boost::asio::awaitable<Result<HttpResponseHead>> read_head();
  // Bytes read into `space`; 0 at the body's proper end.
  boost::asio::awaitable<Result<std::size_t>> read_some(std::span<char> space);
  // Everything, up to `limit` bytes of body.
  boost::asio::awaitable<Result<HttpResponse>> exchange(HttpRequest request, std::size_t limit = 16 << 20);
  void close();

 private:
  struct State;
  explicit HttpClient(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace common

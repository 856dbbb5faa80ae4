using System.IO.Pipelines;
using System.Net;

namespace Webmail.Protocols.Wire;

/// <summary>What a protocol handler gets from its listener: everything it may know of the transport below.</summary>
/// <param name="Remote">The client's address, as the PROXY protocol of a trusted proxy says it where one is used.</param>
/// <param name="ImplicitTls">The listener is one of 465, 993, 995: the handler starts TLS first, by the same path as STARTTLS.</param>
/// <param name="Id">For the log: short, unique on this node.</param>
/// <param name="Abort">Ends the transport at once, without another octet: for a client that doesn't take what it asked for.</param>
/// <param name="Stopping">Set when the server stops: say 421 or BYE and return.</param>
/// <param name="Ended">Set when nothing more will come: the client closed its half, or the connection broke. Answers may still be wanted.</param>
public sealed record WireConnection(
    IDuplexPipe Transport, IPEndPoint Remote, IPEndPoint Local, bool ImplicitTls, string Id, Action Abort, CancellationToken Stopping, CancellationToken Ended = default);

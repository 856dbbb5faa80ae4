using System.IO.Pipelines;
using System.Net;

namespace Webmail.Protocols.Wire;

/// <summary>A loop over one connection of one protocol. Runs on a duplex pipe, so that tests run it in memory with no port.</summary>
public interface IWireHandler
{
    /// <summary>Runs until the client or the server ends the connection. Throws nothing that the caller must handle.</summary>
    Task RunAsync(WireConnection connection);
}

/// <summary>What a protocol handler gets from its listener.</summary>
/// <param name="Remote">The client's address, as the PROXY protocol of a trusted proxy says it where one is used.</param>
/// <param name="ImplicitTls">The listener is one of 465, 993, 995: the handler starts TLS first, by the same path as STARTTLS.</param>
/// <param name="Id">For the log and the SERVERBUG counter.</param>
/// <param name="Stopping">Set when the server stops: say 421 or BYE and return.</param>
public sealed record WireConnection(
    IDuplexPipe Transport, IPEndPoint Remote, IPEndPoint Local, bool ImplicitTls, string Id, CancellationToken Stopping);

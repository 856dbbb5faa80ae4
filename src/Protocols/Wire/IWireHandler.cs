namespace Webmail.Protocols.Wire;

/// <summary>A loop over one connection of one protocol. Runs on a duplex pipe, so that tests run it in memory with no port.</summary>
public interface IWireHandler
{
    /// <summary>Runs until the client or the server ends the connection. Throws nothing that the caller must handle.</summary>
    Task RunAsync(WireConnection connection);
}

namespace Webmail.MailCore.Inbound.Checks;

/// <summary>One look at a whole message before it is stored; its place in <see cref="InboundPipeline.Checks"/> is the order.</summary>
internal interface IInboundCheck
{
    /// <summary>Null: nothing against it.</summary>
    ValueTask<Refusal?> CheckAsync(InboundMessage message, CancellationToken ct);
}

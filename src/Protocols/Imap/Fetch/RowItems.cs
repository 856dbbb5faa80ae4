namespace Webmail.Protocols.Imap.Fetch;

/// <summary>ENVELOPE, as it was written at append.</summary>
internal sealed class EnvelopeItem : FetchItem
{
    public static readonly EnvelopeItem Instance = new();

    public override FetchNeeds Needs => FetchNeeds.Row;

    public override void Write(FetchMessage message, ImapWriter writer)
    {
        writer.Raw("ENVELOPE "u8);
        writer.Raw(message.Row!.Envelope.Span);
    }
}

/// <summary>BODYSTRUCTURE, and BODY without a section, as they were written at append.</summary>
internal sealed class StructureItem(bool full) : FetchItem
{
    public static readonly StructureItem Full = new(full: true);
    public static readonly StructureItem Short = new(full: false);

    public override FetchNeeds Needs => FetchNeeds.Row;

    public override void Write(FetchMessage message, ImapWriter writer)
    {
        writer.Raw(full ? "BODYSTRUCTURE "u8 : "BODY "u8);
        writer.Raw(full ? message.Row!.Structure.Span : message.Row!.Body.Span);
    }
}

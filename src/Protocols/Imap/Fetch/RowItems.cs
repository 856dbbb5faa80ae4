namespace Webmail.Protocols.Imap.Fetch;

/// <summary>ENVELOPE, as it was written at append.</summary>
internal sealed class EnvelopeItem : FetchItem
{
    public static readonly EnvelopeItem Instance = new();

    public override FetchNeeds Needs => FetchNeeds.Row;

    public override void Write(FetchMessage message, ImapWriter writer)
    {
        writer.Raw("ENVELOPE "u8);
        Surrogate.Write(writer, message.Row!.Envelope.Span);
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
        Surrogate.Write(writer, full ? message.Row!.Structure.Span : message.Row!.Body.Span);
    }
}

/// <summary>THREADID (RFC 8474 section 5.2).</summary>
internal sealed class ThreadIdItem : FetchItem
{
    public static readonly ThreadIdItem Instance = new();

    public override FetchNeeds Needs => FetchNeeds.Row;

    public override void Write(FetchMessage message, ImapWriter writer)
    {
        writer.Raw("THREADID ("u8);
        writer.Constant(message.Row!.Thread);
        writer.Raw(")"u8);
    }
}

/// <summary>EMAILID (RFC 8474 section 5.1): the same for all copies of a message.</summary>
internal sealed class EmailIdItem : FetchItem
{
    public static readonly EmailIdItem Instance = new();

    public override FetchNeeds Needs => FetchNeeds.Row;

    public override void Write(FetchMessage message, ImapWriter writer) => writer.Write($"EMAILID ({message.Row!.Id})");
}

/// <summary>PREVIEW (RFC 8970): made at append, so LAZY changes nothing.</summary>
internal sealed class PreviewItem : FetchItem
{
    public static readonly PreviewItem Instance = new();

    public override FetchNeeds Needs => FetchNeeds.Row;

    public static PreviewItem Parse(ref ImapReader r)
    {
        // Behind a bare item the modifiers of FETCH may come as well.
        r.TakeAhead(" (LAZY)"u8);
        return Instance;
    }

    public override void Write(FetchMessage message, ImapWriter writer) => writer.Write($"PREVIEW {new Quoted(message.Row!.Preview)}");
}

namespace Webmail.Web.Cli.Checks;

internal enum FindingLevel
{
    Ok,

    /// <summary>Worth knowing; may be meant so.</summary>
    Note,

    /// <summary>To be mended.</summary>
    Problem,
}

/// <param name="Mend">What to do; null: nothing.</param>
internal sealed record Finding(FindingLevel Level, string Subject, string Text, string? Mend)
{
    public static Finding Ok(string subject, string text) => new(FindingLevel.Ok, subject, text, null);

    public static Finding Note(string subject, string text, string? mend = null) => new(FindingLevel.Note, subject, text, mend);

    public static Finding Problem(string subject, string text, string mend) => new(FindingLevel.Problem, subject, text, mend);
}

/// <summary>One subject of the doctor's round.</summary>
internal interface IDoctorCheck
{
    string Subject { get; }

    /// <summary>Takes minutes on a large store.</summary>
    bool ReadsEverything => false;

    Task<IReadOnlyList<Finding>> RunAsync(Workbench bench, CancellationToken ct);
}

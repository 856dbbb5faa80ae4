namespace Webmail.Web.Configuration;

/// <summary>
/// Where configuration comes from, the later ones winning: the program's own appsettings.json, appsettings.json in the home directory (the
/// checkout for ./run, else the working directory), the environment, the command line. The same for the server and for every command.
/// </summary>
internal static class ConfigurationSources
{
    /// <summary>The environment variable by which ./run says where relative paths start.</summary>
    public const string HomeVariable = "WEBMAIL_HOME";

    public static string Home => Environment.GetEnvironmentVariable(HomeVariable) is { Length: > 0 } home ? home : Environment.CurrentDirectory;

    public static void AddTo(IConfigurationBuilder builder, string[] arguments)
    {
        builder.AddJsonFile(Path.Combine(AppContext.BaseDirectory, "appsettings.json"), optional: true, reloadOnChange: false);
        var own = Path.Combine(Home, "appsettings.json");
        if (!string.Equals(Path.GetFullPath(own), Path.Combine(AppContext.BaseDirectory, "appsettings.json"), StringComparison.Ordinal))
            builder.AddJsonFile(own, optional: true, reloadOnChange: false);
        builder.AddEnvironmentVariables();
        builder.AddCommandLine(arguments);
    }

    public static IConfiguration Read(string[] arguments)
    {
        var builder = new ConfigurationBuilder();
        AddTo(builder, arguments);
        return builder.Build();
    }
}

# The SDK builds, the runtime image runs: nothing of the build is left in what is shipped.
FROM mcr.microsoft.com/dotnet/sdk:10.0 AS build
WORKDIR /source
COPY global.json Directory.Build.props Directory.Packages.props BannedSymbols.txt .editorconfig ./
COPY src/MailCore/MailCore.csproj src/MailCore/
COPY src/Protocols/Protocols.csproj src/Protocols/
COPY src/Web/Web.csproj src/Web/
RUN dotnet restore src/Web/Web.csproj --use-current-runtime -p:PublishReadyToRun=true
COPY src/ src/
RUN dotnet publish src/Web/Web.csproj -c Release --no-restore --use-current-runtime --self-contained false -p:PublishReadyToRun=true -o /app

FROM mcr.microsoft.com/dotnet/aspnet:10.0
WORKDIR /app
COPY --from=build /app ./
# APP_UID is the image's own user without rights. A volume mounted on /data takes over this directory's owner.
USER root
RUN mkdir -p -m 0700 /data && chown "$APP_UID" /data
USER $APP_UID
ENV Webmail__DataDirectory=/data \
    WEBMAIL_PROGRAM=webmail \
    Webmail__Listeners__Http=0.0.0.0:8080 \
    Webmail__Listeners__Smtp=0.0.0.0:2525 \
    Webmail__Listeners__Submission=0.0.0.0:2587 \
    Webmail__Listeners__Submissions=0.0.0.0:2465 \
    Webmail__Listeners__Lmtp= \
    Webmail__Listeners__Pop3=0.0.0.0:2110 \
    Webmail__Listeners__Pop3s=0.0.0.0:2995 \
    Webmail__Listeners__Imap=0.0.0.0:2143 \
    Webmail__Listeners__Imaps=0.0.0.0:2993
VOLUME /data
EXPOSE 8080 2525 2587 2465 2110 2995 2143 2993
STOPSIGNAL SIGTERM
ENTRYPOINT ["dotnet", "/app/webmail.dll"]
CMD ["serve"]
